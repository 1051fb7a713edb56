"""Formats that are not read: what each is, and the line that converts it. A new one is one row here."""

from __future__ import annotations

_NUMBERS = "numpy.savez('network.npz', weights=W)"
_PICKLE = (
    "a pickle",
    "reading it can run any code, so it is never done here. In the program that wrote it, save the numbers: "
    f"{_NUMBERS}, or torch.save(model.state_dict(), 'model.pt')",
)
_NIFTI = (
    "a NIfTI or CIFTI image",
    f"save its matrix: W = nibabel.load(path).get_fdata(); {_NUMBERS}. Of a voxel image, parcellate first",
)
_R = ("an object of R", "write.csv(W, 'network.csv'), or write.table of the edges with columns source, target, weight")
_JULIA = ("a file of Julia", 'using NPZ; npzwrite("network.npz", Dict("weights" => W)) saves the numbers')
_JAX = (
    "numbers whose names and shapes only the program knows",
    "in that program, with its parameters: na.from_flax(params), or numpy.savez('model.npz', **flat_params)",
)
_TENSORFLOW = (
    "a part of a TensorFlow checkpoint",
    "save its arrays: r = tf.train.load_checkpoint(folder); numpy.savez('model.npz', **{k: r.get_tensor(k) for k in "
    "r.get_variable_to_shape_map()})",
)

REFUSED: dict[str, tuple[str, str]] = {
    ".pkl": _PICKLE,
    ".pickle": _PICKLE,
    ".joblib": _PICKLE,
    ".dill": _PICKLE,
    ".onnx": (
        "a graph of operations",
        "save its arrays: m = onnx.load(path); numpy.savez('model.npz', **{t.name: onnx.numpy_helper.to_array(t) for t "
        "in m.graph.initializer})",
    ),
    ".xls": ("a workbook", "save the sheet as .xlsx or .csv"),
    ".ods": ("a workbook", "save the sheet as .xlsx or .csv"),
    ".t7": (
        "a file of Lua Torch",
        "save the numbers: W = torchfile.load(path), a reader of such files in Python; numpy.savez('network.npz', "
        "weights=W)",
    ),
    ".nii": _NIFTI,
    ".nii.gz": _NIFTI,
    ".gii": _NIFTI,
    ".rds": _R,
    ".rda": _R,
    ".rdata": _R,
    ".jld2": _JULIA,
    ".jld": _JULIA,
    ".eqx": _JAX,
    ".msgpack": _JAX,
    ".orbax": _JAX,
    ".pb": (
        "a graph of TensorFlow",
        "save the variables: numpy.savez('model.npz', **{v.name: v.numpy() for v in model.weights})",
    ),
    ".index": _TENSORFLOW,
    ".data-00000-of-00001": _TENSORFLOW,
    ".meta": _TENSORFLOW,
    ".tflite": ("a compiled model", "load the weights that it was made from"),
    ".gguf": ("quantised weights", "save the original weights as .safetensors"),
    ".zarr": ("a folder of chunks", f"save the array: W = zarr.open(path)[:]; {_NUMBERS}"),
    ".tck": ("streamlines", "count them between regions: tck2connectome tracts.tck parcels.mif connectome.csv"),
    ".trk": ("streamlines", "count them between regions of an atlas, and save the matrix as .csv"),
    ".tar": ("an archive", "unpack it, and load the member that holds the weights"),
    ".tar.gz": ("an archive", "unpack it, and load the member that holds the weights"),
}


def why(suffix: str) -> str:
    """What a file of this suffix is, and how to get at its numbers."""
    what, line = REFUSED[suffix]
    return f"{what}: {line}" if what == "a pickle" else f"{what}, which load() does not read: {line}"
