/**
 * Script of the page that a capsule is read with: slides zoom and move, marks of messages jump. It asks for nothing, and
 * without it everything can still be read.
 */
export const offlineScript = `
'use strict';
(function () {
  var glasses = Array.prototype.slice.call(document.querySelectorAll('.glass'));
  glasses.forEach(function (glass) {
    var sheet = glass.querySelector('.sheet');
    var drawing = sheet.querySelector('.drawing');
    var width = Number(glass.dataset.width);
    var height = Number(glass.dataset.height);
    var scale = 1, left = 0, top = 0, isFitted = true;
    sheet.style.width = width + 'px';
    sheet.style.height = height + 'px';
    function show() {
      sheet.style.transform = 'translate(' + left + 'px,' + top + 'px) scale(' + scale + ')';
    }
    function fitting() {
      return Math.min(glass.clientWidth / width, glass.clientHeight / height);
    }
    function fit() {
      scale = fitting();
      left = (glass.clientWidth - width * scale) / 2;
      top = (glass.clientHeight - height * scale) / 2;
      isFitted = true;
      show();
    }
    function keep() {
      var w = width * scale, h = height * scale, W = glass.clientWidth, H = glass.clientHeight;
      left = w < W ? (W - w) / 2 : Math.min(0, Math.max(W - w, left));
      top = h < H ? (H - h) / 2 : Math.min(0, Math.max(H - h, top));
    }
    function zoom(factor, x, y) {
      var next = Math.min(8, Math.max(fitting(), scale * factor));
      left = x - (x - left) * next / scale;
      top = y - (y - top) * next / scale;
      scale = next;
      isFitted = false;
      keep();
      show();
    }
    function middle(factor) {
      zoom(factor, glass.clientWidth / 2, glass.clientHeight / 2);
    }
    function move(dx, dy) {
      left += dx;
      top += dy;
      isFitted = false;
      keep();
      show();
    }
    glass.lookAt = function (x, y, wanted) {
      scale = Math.min(8, Math.max(fitting(), wanted));
      left = glass.clientWidth / 2 - x * scale;
      top = glass.clientHeight / 2 - y * scale;
      isFitted = false;
      keep();
      show();
      glass.focus({ preventScroll: true });
      glass.scrollIntoView({ block: 'center' });
    };
    glass.addEventListener('wheel', function (event) {
      event.preventDefault();
      var box = glass.getBoundingClientRect();
      zoom(Math.pow(1.0015, -event.deltaY), event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });
    var fingers = new Map();
    function span() {
      var p = Array.from(fingers.values());
      return Math.hypot(p[0].x - p[1].x, p[0].y - p[1].y);
    }
    glass.addEventListener('pointerdown', function (event) {
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      glass.setPointerCapture(event.pointerId);
    });
    glass.addEventListener('pointermove', function (event) {
      var before = fingers.get(event.pointerId);
      if (!before) return;
      var was = fingers.size === 2 ? span() : 0;
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (fingers.size === 1) move(event.clientX - before.x, event.clientY - before.y);
      if (fingers.size !== 2 || was === 0) return;
      var p = Array.from(fingers.values()), box = glass.getBoundingClientRect();
      zoom(span() / was, (p[0].x + p[1].x) / 2 - box.left, (p[0].y + p[1].y) / 2 - box.top);
    });
    ['pointerup', 'pointercancel'].forEach(function (name) {
      glass.addEventListener(name, function (event) { fingers.delete(event.pointerId); });
    });
    var keys = {
      '+': function () { middle(1.4); }, '=': function () { middle(1.4); }, '-': function () { middle(1 / 1.4); },
      '0': fit, Home: fit,
      ArrowLeft: function () { move(80, 0); }, ArrowRight: function () { move(-80, 0); },
      ArrowUp: function () { move(0, 80); }, ArrowDown: function () { move(0, -80); }
    };
    glass.addEventListener('keydown', function (event) {
      var act = keys[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
    var acts = {
      in: function () { middle(1.6); },
      out: function () { middle(1 / 1.6); },
      fit: fit,
      drawing: function (button) {
        drawing.hidden = !drawing.hidden;
        button.setAttribute('aria-pressed', String(!drawing.hidden));
      }
    };
    var bar = glass.parentNode.querySelector('.bar');
    bar.hidden = false;
    bar.addEventListener('click', function (event) {
      var button = event.target.closest('button');
      if (button) acts[button.dataset.act](button);
    });
    new ResizeObserver(function () { if (isFitted) fit(); else { keep(); show(); } }).observe(glass);
    fit();
  });
  document.querySelectorAll('button[data-slide]').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () {
      var glass = document.getElementById(button.dataset.slide);
      if (glass) glass.lookAt(Number(button.dataset.x), Number(button.dataset.y), Number(button.dataset.zoom));
    });
  });
})();
`;
