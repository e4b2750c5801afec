"""A small glTF writer: one mesh per material, positions and normals quantised, metres, y up, centred."""

import json
import struct
from pathlib import Path

import bpy
import numpy as np

import materials
from piece import Piece


def write(piece: Piece, out: Path) -> int:
    """Write model.glb; returns its size in bytes."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    low, high = piece.bounds()
    centre = (low + high) / 2
    soups: dict[str, list[np.ndarray]] = {}
    for part in piece.parts:
        soups.setdefault(part.material_slots[0].material.name, []).append(
            _corners(part.evaluated_get(depsgraph), centre)
        )
    binary, views, accessors, meshes, nodes, surfaces = bytearray(), [], [], [], [], []
    for name, soup in sorted(soups.items(), key=lambda item: item[0] == "crystal"):
        corners = np.concatenate(soup)
        position, normal, index, middle, step = _pack(corners)
        first = len(accessors)
        _view(binary, views, position, 34962, 8)
        accessors.append(
            {
                "bufferView": len(views) - 1,
                "componentType": 5122,
                "normalized": True,
                "count": len(position),
                "type": "VEC3",
                "min": (position[:, :3].min(axis=0) / 32767).tolist(),
                "max": (position[:, :3].max(axis=0) / 32767).tolist(),
            }
        )
        _view(binary, views, normal, 34962, 4)
        accessors.append(
            {
                "bufferView": len(views) - 1,
                "componentType": 5120,
                "normalized": True,
                "count": len(normal),
                "type": "VEC3",
            }
        )
        _view(binary, views, index, 34963, None)
        accessors.append(
            {
                "bufferView": len(views) - 1,
                "componentType": 5125 if index.dtype == np.uint32 else 5123,
                "count": len(index),
                "type": "SCALAR",
            }
        )
        surfaces.append({"name": name} | materials.gltf(name))
        meshes.append(
            {
                "name": name,
                "primitives": [
                    {
                        "attributes": {"POSITION": first, "NORMAL": first + 1},
                        "indices": first + 2,
                        "material": len(surfaces) - 1,
                    }
                ],
            }
        )
        nodes.append({"name": name, "mesh": len(meshes) - 1, "translation": middle.tolist(), "scale": [step] * 3})
    used = sorted({key for surface in surfaces for key in surface.get("extensions", {})} | {"KHR_mesh_quantization"})
    document = {
        "asset": {"version": "2.0", "generator": "Maison Vermeil atelier"},
        "scene": 0,
        "scenes": [{"name": piece.model["name"], "nodes": [len(nodes)]}],
        "nodes": [*nodes, {"name": piece.model["code"], "children": list(range(len(nodes)))}],
        "meshes": meshes,
        "materials": surfaces,
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
        "extensionsUsed": used,
        "extensionsRequired": ["KHR_mesh_quantization"],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    total = 12 + 8 + len(text) + 8 + len(binary)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(
        struct.pack("<4sII", b"glTF", 2, total)
        + struct.pack("<I4s", len(text), b"JSON")
        + text
        + struct.pack("<I4s", len(binary), b"BIN\0")
        + bytes(binary)
    )
    return total


def _corners(part: bpy.types.Object, centre: np.ndarray) -> np.ndarray:
    """Every triangle corner of a part as (x, y, z, nx, ny, nz), metres and y up."""
    mesh = part.to_mesh()
    mesh.calc_loop_triangles()
    loops = np.empty(len(mesh.loop_triangles) * 3, dtype=np.int32)
    mesh.loop_triangles.foreach_get("loops", loops)
    owner = np.empty(len(mesh.loops), dtype=np.int32)
    mesh.loops.foreach_get("vertex_index", owner)
    place = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", place)
    normal = np.empty(len(mesh.loops) * 3, dtype=np.float32)
    mesh.corner_normals.foreach_get("vector", normal)
    matrix = np.array(part.matrix_world)
    points = place.reshape(-1, 3)[owner[loops]] @ matrix[:3, :3].T + matrix[:3, 3] - centre
    turned = normal.reshape(-1, 3)[loops] @ np.linalg.inv(matrix[:3, :3])
    turned /= np.linalg.norm(turned, axis=1, keepdims=True) + 1e-12
    part.to_mesh_clear()
    if np.linalg.det(matrix[:3, :3]) < 0:
        points, turned = (
            points.reshape(-1, 3, 3)[:, ::-1].reshape(-1, 3),
            turned.reshape(-1, 3, 3)[:, ::-1].reshape(-1, 3),
        )
    swap = [0, 2, 1]
    sign = np.array((1, 1, -1))
    return np.hstack([points[:, swap] * sign / 1000, turned[:, swap] * sign])


def _pack(corners: np.ndarray):
    """Quantise, then share equal corners."""
    low, high = corners[:, :3].min(axis=0), corners[:, :3].max(axis=0)
    middle = (low + high) / 2
    step = float(max((high - low).max() / 2, 1e-6))
    position = np.zeros((len(corners), 4), dtype=np.int16)
    position[:, :3] = np.round((corners[:, :3] - middle) / step * 32767)
    normal = np.zeros((len(corners), 4), dtype=np.int8)
    normal[:, :3] = np.round(corners[:, 3:] * 127)
    key = np.hstack([position.view(np.uint8).reshape(len(corners), -1), normal.view(np.uint8)])
    packed = np.ascontiguousarray(key).view(np.dtype((np.void, key.shape[1]))).ravel()
    _, first, index = np.unique(packed, return_index=True, return_inverse=True)
    triangles = index.reshape(-1, 3)
    alive = (
        (triangles[:, 0] != triangles[:, 1])
        & (triangles[:, 1] != triangles[:, 2])
        & (triangles[:, 0] != triangles[:, 2])
    )
    index = triangles[alive].ravel()
    return position[first], normal[first], index.astype(np.uint16 if len(first) < 65535 else np.uint32), middle, step


def _view(binary: bytearray, views: list, data: np.ndarray, target: int, stride: int | None) -> None:
    blob = data.tobytes()
    view = {"buffer": 0, "byteOffset": len(binary), "byteLength": len(blob), "target": target}
    if stride:
        view["byteStride"] = stride
    views.append(view)
    binary += blob + b"\0" * (-len(blob) % 4)
