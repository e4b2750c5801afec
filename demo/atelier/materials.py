"""What the pieces are made of: shaders for the pictures, and the same surfaces as glTF factors for the screen."""

import bpy

# Colour at normal incidence (linear), roughness.
METALS = {
    "YG": ((0.90, 0.575, 0.235), 0.10),
    "RG": ((0.90, 0.52, 0.365), 0.10),
    "WG": ((0.80, 0.785, 0.76), 0.09),
    "PT": ((0.77, 0.77, 0.775), 0.09),
    "ST": ((0.64, 0.64, 0.645), 0.12),
    "SV": ((0.93, 0.92, 0.90), 0.10),
    "dark-steel": ((0.10, 0.10, 0.11), 0.22),
}

# Refractive index, and what is left of red, green and blue after one millimetre inside.
GEMS = {
    "diamond": (2.418, (0.995, 0.995, 0.992)),
    "emerald": (1.577, (0.16, 0.74, 0.50)),
    "sapphire": (1.768, (0.34, 0.50, 0.93)),
    "ruby": (1.768, (0.80, 0.035, 0.085)),
    "aquamarine": (1.575, (0.86, 0.955, 0.975)),
    "morganite": (1.590, (0.988, 0.945, 0.928)),
    "tsavorite": (1.740, (0.30, 0.82, 0.34)),
    "spinel": (1.718, (0.90, 0.17, 0.36)),
}

# Base colour, roughness, coat.
PLAIN = {
    "onyx": ((0.006, 0.006, 0.007), 0.06, 0.6),
    "lacquer": ((0.012, 0.010, 0.010), 0.08, 1.0),
    "lacquer-red": ((0.16, 0.010, 0.012), 0.10, 1.0),
    "lacquer-green": ((0.008, 0.055, 0.040), 0.10, 1.0),
    "lacquer-blue": ((0.008, 0.018, 0.060), 0.10, 1.0),
    "ink": ((0.010, 0.010, 0.012), 0.45, 0.0),
    "print": ((0.80, 0.76, 0.66), 0.40, 0.0),
    "wax": ((0.86, 0.80, 0.68), 0.45, 0.0),
    "wick": ((0.03, 0.025, 0.02), 0.9, 0.0),
    "mount-card": ((0.82, 0.77, 0.68), 0.85, 0.0),
    "thread-black": ((0.035, 0.033, 0.032), 0.7, 0.0),
    "thread-tan": ((0.55, 0.42, 0.28), 0.7, 0.0),
    "thread-burgundy": ((0.22, 0.035, 0.04), 0.7, 0.0),
    "thread-green": ((0.05, 0.12, 0.08), 0.7, 0.0),
}

DIALS = {
    "ivory": (0.80, 0.74, 0.62),
    "black": (0.012, 0.012, 0.014),
    "midnight": (0.008, 0.017, 0.062),
    "green": (0.010, 0.075, 0.045),
    "salmon": (0.56, 0.30, 0.205),
}

LEATHERS = {
    "leather-black": (0.016, 0.015, 0.015),
    "leather-tan": (0.28, 0.115, 0.042),
    "leather-burgundy": (0.085, 0.010, 0.014),
    "leather-green": (0.012, 0.040, 0.026),
    "satin": (0.030, 0.030, 0.040),
}


def get(key: str) -> bpy.types.Material:
    """The shader called `key`, made the first time it is asked for."""
    known = bpy.data.materials.get(key)
    if known:
        return known
    material = bpy.data.materials.new(key)
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(_surface(tree, key), output.inputs["Surface"])
    return material


def _surface(tree, key: str):
    if key in METALS:
        colour, roughness = METALS[key]
        return _principled(tree, colour, roughness, metallic=1).outputs[0]
    if key in GEMS:
        return _gem(tree, *GEMS[key])
    if key in PLAIN:
        colour, roughness, coat = PLAIN[key]
        return _principled(tree, colour, roughness, coat=coat).outputs[0]
    if key.startswith("brushed-"):
        return _brushed(tree, *METALS[key.removeprefix("brushed-")])
    if key.startswith("dial-"):
        return _dial(tree, DIALS[key.removeprefix("dial-")], lit=key != "dial-ivory")
    if key in LEATHERS:
        return _satin(tree, LEATHERS[key]) if key == "satin" else _leather(tree, LEATHERS[key])
    return {"pearl": _pearl, "opal": _opal, "crystal": _crystal}[key](tree)


def _principled(tree, colour, roughness, *, metallic=0.0, coat=0.0):
    node = tree.nodes.new("ShaderNodeBsdfPrincipled")
    node.inputs["Base Color"].default_value = (*colour, 1)
    node.inputs["Roughness"].default_value = roughness
    node.inputs["Metallic"].default_value = metallic
    node.inputs["Coat Weight"].default_value = coat
    node.inputs["Coat Roughness"].default_value = 0.03
    return node


def _math(tree, operation, a, b=None):
    node = tree.nodes.new("ShaderNodeMath")
    node.operation = operation
    for slot, value in enumerate((a, b)):
        if value is None:
            continue
        if isinstance(value, (int, float)):
            node.inputs[slot].default_value = value
        else:
            tree.links.new(value, node.inputs[slot])
    return node.outputs[0]


def _gem(tree, index, left_per_mm):
    """Clear stone: Beer's law over each path inside it, white reflections outside."""
    path = tree.nodes.new("ShaderNodeLightPath")
    geometry = tree.nodes.new("ShaderNodeNewGeometry")
    inside = geometry.outputs["Backfacing"]
    length = _math(tree, "MULTIPLY", path.outputs["Ray Length"], inside)
    tint = tree.nodes.new("ShaderNodeCombineColor")
    for slot, left in enumerate(left_per_mm):
        tree.links.new(_math(tree, "POWER", left, length), tint.inputs[slot])
    glass = tree.nodes.new("ShaderNodeBsdfGlass")
    glass.inputs["Roughness"].default_value = 0.0
    glass.inputs["IOR"].default_value = index
    tree.links.new(tint.outputs[0], glass.inputs["Color"])
    return glass.outputs[0]


def _noise_bump(tree, scale, strength, distance, *, voronoi=False, stretch=(1, 1, 1)):
    where = tree.nodes.new("ShaderNodeTexCoord")
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = stretch
    tree.links.new(where.outputs["Object"], mapping.inputs[0])
    texture = tree.nodes.new("ShaderNodeTexVoronoi" if voronoi else "ShaderNodeTexNoise")
    texture.inputs["Scale"].default_value = scale
    tree.links.new(mapping.outputs[0], texture.inputs["Vector"])
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = strength
    bump.inputs["Distance"].default_value = distance
    tree.links.new(texture.outputs[0], bump.inputs["Height"])
    return bump.outputs[0]


def _brushed(tree, colour, roughness):
    node = _principled(tree, colour, 0.30, metallic=1)
    tree.links.new(_noise_bump(tree, 1.0, 0.10, 0.05, stretch=(60, 60, 2)), node.inputs["Normal"])
    return node.outputs[0]


def _dial(tree, colour, *, lit):
    """Sunray lacquer: fine circular grain lit as two opposite fans; ivory stays matt like enamel."""
    if not lit:
        node = _principled(tree, colour, 0.38, coat=0.35)
        return node.outputs[0]
    tangent = tree.nodes.new("ShaderNodeTangent")
    tangent.direction_type, tangent.axis = "RADIAL", "Z"
    node = _principled(tree, tuple(min(1, c * 1.35 + 0.006) for c in colour), 0.34, metallic=0.85, coat=0.25)
    node.inputs["Anisotropic"].default_value = 0.85
    tree.links.new(tangent.outputs[0], node.inputs["Tangent"])
    return node.outputs[0]


def _leather(tree, colour):
    node = _principled(tree, colour, 0.46)
    node.inputs["Specular IOR Level"].default_value = 0.45
    tree.links.new(_noise_bump(tree, 2.6, 0.35, 0.10, voronoi=True), node.inputs["Normal"])
    return node.outputs[0]


def _satin(tree, colour):
    node = _principled(tree, colour, 0.42)
    node.inputs["Sheen Weight"].default_value = 0.5
    node.inputs["Sheen Roughness"].default_value = 0.3
    tree.links.new(_noise_bump(tree, 1.0, 0.12, 0.05, stretch=(14, 14, 2)), node.inputs["Normal"])
    return node.outputs[0]


def _facing_ramp(tree, stops):
    weight = tree.nodes.new("ShaderNodeLayerWeight")
    weight.inputs["Blend"].default_value = 0.45
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    while len(ramp.color_ramp.elements) < len(stops):
        ramp.color_ramp.elements.new(0.5)
    for element, (place, colour) in zip(ramp.color_ramp.elements, stops, strict=True):
        element.position, element.color = place, (*colour, 1)
    tree.links.new(weight.outputs["Facing"], ramp.inputs[0])
    return ramp.outputs[0]


def _pearl(tree):
    """Nacre: cream body, rose overtone towards the edge, a soft bloom under a glossier skin."""
    node = _principled(tree, (0.86, 0.80, 0.72), 0.30, coat=0.9)
    node.inputs["Coat Roughness"].default_value = 0.10
    node.inputs["Coat IOR"].default_value = 1.85
    node.inputs["Specular IOR Level"].default_value = 0.7
    node.inputs["Sheen Weight"].default_value = 0.25
    colour = _facing_ramp(
        tree,
        [
            (0.0, (0.83, 0.735, 0.625)),
            (0.4, (0.78, 0.635, 0.56)),
            (0.75, (0.52, 0.44, 0.445)),
            (1.0, (0.64, 0.60, 0.585)),
        ],
    )
    tree.links.new(colour, node.inputs["Base Color"])
    return node.outputs[0]


def _opal(tree):
    """White opal: patches of green, blue and rose under a clear dome."""
    node = _principled(tree, (0.7, 0.75, 0.75), 0.16, coat=1.0)
    where = tree.nodes.new("ShaderNodeTexCoord")
    cells = tree.nodes.new("ShaderNodeTexVoronoi")
    cells.inputs["Scale"].default_value = 0.95
    warp = tree.nodes.new("ShaderNodeTexNoise")
    warp.inputs["Scale"].default_value = 0.6
    tree.links.new(where.outputs["Object"], warp.inputs["Vector"])
    mix = tree.nodes.new("ShaderNodeMix")
    mix.data_type = "VECTOR"
    mix.inputs[0].default_value = 0.35
    tree.links.new(where.outputs["Object"], mix.inputs[4])
    tree.links.new(warp.outputs["Color"], mix.inputs[5])
    tree.links.new(mix.outputs[1], cells.inputs["Vector"])
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    stops = [
        (0.0, (0.62, 0.70, 0.70)),
        (0.3, (0.22, 0.62, 0.50)),
        (0.5, (0.66, 0.72, 0.72)),
        (0.68, (0.20, 0.38, 0.72)),
        (0.84, (0.80, 0.74, 0.72)),
        (0.95, (0.80, 0.40, 0.34)),
    ]
    while len(ramp.color_ramp.elements) < len(stops):
        ramp.color_ramp.elements.new(0.5)
    for element, (place, colour) in zip(ramp.color_ramp.elements, stops, strict=True):
        element.position, element.color = place, (*colour, 1)
    separate = tree.nodes.new("ShaderNodeSeparateColor")
    tree.links.new(cells.outputs["Color"], separate.inputs[0])
    tree.links.new(separate.outputs[0], ramp.inputs[0])
    tree.links.new(ramp.outputs[0], node.inputs["Base Color"])
    return node.outputs[0]


def _crystal(tree):
    """Watch glass with an anti-reflective coating: clear, with a faint sheen at grazing angles."""
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    shine = tree.nodes.new("ShaderNodeBsdfGlossy")
    shine.inputs["Roughness"].default_value = 0.0
    fresnel = tree.nodes.new("ShaderNodeFresnel")
    fresnel.inputs["IOR"].default_value = 1.45
    mix = tree.nodes.new("ShaderNodeMixShader")
    outward = tree.nodes.new("ShaderNodeNewGeometry")
    weight = _math(
        tree,
        "MULTIPLY",
        fresnel.outputs[0],
        _math(tree, "MULTIPLY", _math(tree, "SUBTRACT", 1.0, outward.outputs["Backfacing"]), 0.45),
    )
    tree.links.new(weight, mix.inputs[0])
    tree.links.new(clear.outputs[0], mix.inputs[1])
    tree.links.new(shine.outputs[0], mix.inputs[2])
    return mix.outputs[0]


def surface(
    name: str,
    colour,
    *,
    roughness: float = 0.8,
    bump: float = 0.0,
    scale: float = 0.4,
    veined: bool = False,
    sheen: float = 0.0,
) -> bpy.types.Material:
    """A surface of the set: plaster, paper, stone or velvet."""
    known = bpy.data.materials.get(name)
    if known:
        return known
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    node = _principled(tree, colour, roughness)
    node.inputs["Sheen Weight"].default_value = sheen
    node.inputs["Specular IOR Level"].default_value = 0.35
    if bump:
        tree.links.new(_noise_bump(tree, scale, bump, 0.6), node.inputs["Normal"])
    if veined:
        tree.links.new(_veins(tree, colour), node.inputs["Base Color"])
    tree.links.new(node.outputs[0], output.inputs["Surface"])
    return material


def _veins(tree, colour):
    where = tree.nodes.new("ShaderNodeTexCoord")
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 0.035
    noise.inputs["Detail"].default_value = 9
    noise.inputs["Roughness"].default_value = 0.62
    noise.inputs["Distortion"].default_value = 1.6
    tree.links.new(where.outputs["Object"], noise.inputs["Vector"])
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    darker = tuple(c * 0.72 for c in colour)
    vein = tuple(min(1, c * 1.5 + 0.03) for c in colour)
    stops = [(0.30, darker), (0.485, colour), (0.505, vein), (0.525, colour), (0.75, darker)]
    while len(ramp.color_ramp.elements) < len(stops):
        ramp.color_ramp.elements.new(0.5)
    for element, (place, shade) in zip(ramp.color_ramp.elements, stops, strict=True):
        element.position, element.color = place, (*shade, 1)
    tree.links.new(noise.outputs[0], ramp.inputs[0])
    return ramp.outputs[0]


def gltf(key: str) -> dict:
    """The same surface for a real-time viewer. Stones are opaque tinted mirrors: facets must flash, not fog."""
    if key in METALS or key.startswith("brushed-"):
        colour, roughness = METALS[key.removeprefix("brushed-")]
        colour = tuple(c**0.7 for c in colour)
        return _factors(colour, 0.32 if key.startswith("brushed-") else max(roughness, 0.12), metallic=1.0)
    if key in GEMS:
        index, left = GEMS[key]
        depth = tuple(c**3.2 for c in left)
        lustre = 0.9 if key == "diamond" else 0.85
        out = _factors(depth, 0.04, metallic=lustre)
        out["extensions"] = {
            "KHR_materials_clearcoat": {"clearcoatFactor": 1.0, "clearcoatRoughnessFactor": 0.02},
            "KHR_materials_ior": {"ior": index},
        }
        if key == "diamond":
            out["emissiveFactor"] = [0.06, 0.063, 0.07]
            out["extensions"]["KHR_materials_iridescence"] = {
                "iridescenceFactor": 0.55,
                "iridescenceIor": 1.9,
                "iridescenceThicknessMinimum": 180,
                "iridescenceThicknessMaximum": 420,
            }
        else:
            out["emissiveFactor"] = [c * 0.06 for c in depth]
        return out
    if key in PLAIN:
        colour, roughness, coat = PLAIN[key]
        out = _factors(colour, roughness)
        if coat:
            out["extensions"] = {"KHR_materials_clearcoat": {"clearcoatFactor": coat, "clearcoatRoughnessFactor": 0.04}}
        return out
    if key.startswith("dial-"):
        return _factors(DIALS[key.removeprefix("dial-")], 0.38, metallic=0.0 if key == "dial-ivory" else 0.5)
    if key in LEATHERS:
        return _factors(LEATHERS[key], 0.55)
    if key == "crystal":
        out = _factors((1, 1, 1), 0.0)
        out["pbrMetallicRoughness"]["baseColorFactor"][3] = 0.06
        return out | {"alphaMode": "BLEND"}
    return _factors({"pearl": (0.86, 0.79, 0.71), "opal": (0.62, 0.72, 0.72)}[key], 0.22) | {
        "extensions": {"KHR_materials_clearcoat": {"clearcoatFactor": 0.6, "clearcoatRoughnessFactor": 0.15}}
    }


def _factors(colour, roughness, *, metallic=0.0) -> dict:
    return {
        "pbrMetallicRoughness": {
            "baseColorFactor": [*colour, 1.0],
            "metallicFactor": metallic,
            "roughnessFactor": roughness,
        }
    }
