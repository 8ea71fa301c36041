"""Deep Zoom tiles of the slide named by SLIDE, as openslide-python's own example serves them."""

import io
import os

import openslide
from openslide.deepzoom import DeepZoomGenerator

tiles = DeepZoomGenerator(
    openslide.OpenSlide(os.environ["SLIDE"]),
    tile_size=int(os.environ["TILE_SIZE"]),
    overlap=0,
    limit_bounds=False,
)


def app(environ, start_response):
    """Answers /LEVEL/COLUMN_ROW.jpg."""
    level, place = environ["PATH_INFO"].strip("/").removesuffix(".jpg").split("/")
    column, row = place.split("_")
    picture = io.BytesIO()
    tiles.get_tile(int(level), (int(column), int(row))).save(picture, "jpeg", quality=80)
    body = picture.getvalue()
    start_response("200 OK", [("Content-Type", "image/jpeg"), ("Content-Length", str(len(body)))])
    return [body]
