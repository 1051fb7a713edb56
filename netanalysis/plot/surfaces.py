"""Values of parcels on a surface, through nilearn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options
from netanalysis._core.text import cut
from netanalysis.plot._text import plain
from netanalysis.plot.brains import colour_scale, one_per_parcel
from netanalysis.plot.sheets import three_dimensional


def surface(
    values: ArrayLike,
    mesh: Any,
    labelling: Any,
    *,
    parcels: Sequence[Any] | None = None,
    side: Literal["left", "right"] = "left",
    view: Literal["lateral", "medial", "dorsal", "ventral", "anterior", "posterior"] = "lateral",
    background: Any = None,
    limits: tuple[float, float] | None = None,
    cmap: Any = None,
    label: str = "Value",
    colorbar: bool = True,
    ax: Any = None,
) -> Axes:
    """A map of parcels on a surface of your own, one hemisphere from one side. Needs nilearn.

    Parameters
    ----------
    values : array_like, shape (n,)
        One per parcel, of both hemispheres or of one; nan is not coloured.
    mesh : path, or (coordinates, faces)
        Whatever nilearn takes for a mesh: .gii, FreeSurfer files, arrays of shapes (v, 3) and (f, 3).
    labelling : path, or array_like of length v
        The parcel of every vertex: a .gii, .annot or other file that nilearn reads, whole numbers, or names.
    parcels : sequence of length n, optional
        What the labelling calls the parcel of each value, such as ``net.labels`` where it holds names. Default: 1, 2,
        … n, the k-th value being that of label k. 0, -1, nan and empty names are no parcel.
    side : {"left", "right"}
        Hemisphere that the mesh shows.
    view : {"lateral", "medial", "dorsal", "ventral", "anterior", "posterior"}
    background : path or array_like of length v, optional
        Depth of sulci or curvature, in grey below the colours.
    limits, cmap, label
        As for :func:`netanalysis.plot.parcels`. By default the colours are those of all values, so that hemispheres
        drawn one by one can be compared.
    colorbar : bool
    ax : Axes, optional
        Three-dimensional, as ``figure.add_subplot(projection="3d")`` makes them. Default: new ones in pyplot's current
        figure.

    Returns
    -------
    Axes

    Raises
    ------
    ImportError
        Without nilearn: ``pip install 'netanalysis[surface]'``.
    ValueError
        Where the labelling has other vertices than the mesh, or parcels without a value.

    Notes
    -----
    A face whose corners lie in different parcels takes the middle of their values, nothing is smoothed.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from matplotlib.figure import Figure
    >>> corners = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])
    >>> faces = np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]])
    >>> def draw():
    ...     return na.plot.surface([0.2, 0.7], (corners, faces), [1, 1, 2, 0], ax=Figure().add_subplot(projection="3d"))
    """
    array = one_per_parcel(values)
    options.choice(side, ["left", "right"], "side")
    options.choice(view, ["lateral", "medial", "dorsal", "ventral", "anterior", "posterior"], "view")
    options.flags(colorbar=colorbar)
    plotting, surfaces = _nilearn()
    form = surfaces.load_surf_mesh(mesh)
    of_vertex = _of_vertices(array, _labels(labelling, surfaces), parcels)
    if len(of_vertex) != len(form.coordinates):
        raise ValueError(
            f"labelling must name a parcel for each of the {len(form.coordinates):,} vertices of mesh; got "
            f"{len(of_vertex):,}"
        )
    ax = three_dimensional(ax)
    norm, chosen = colour_scale(array, limits, cmap)
    plotting.plot_surf(
        (np.asarray(form.coordinates), np.asarray(form.faces)),
        of_vertex,
        bg_map=background,
        hemi=side,
        view=view,
        engine="matplotlib",
        cmap=chosen,
        vmin=norm.vmin,
        vmax=norm.vmax,
        avg_method="median",
        colorbar=False,
        axes=ax,
        figure=ax.figure,
    )
    for part in ax.collections:
        part.set_rasterized(True)  # ten thousands of faces
    if colorbar:
        image = ScalarMappable(norm, chosen)
        bar = ax.figure.colorbar(image, ax=ax, shrink=0.6, pad=0.02)
        bar.set_label(plain(label))
        bar.outline.set_visible(False)
    return ax


def _nilearn() -> tuple[Any, Any]:
    try:
        from nilearn import plotting, surface
    except ImportError as error:
        raise ImportError(
            "plot.surface draws through nilearn, which is not installed: pip install 'netanalysis[surface]'. "
            "plot.parcels draws parcels as dots without it"
        ) from error
    return plotting, surface


def _labels(labelling: Any, surfaces: Any) -> NDArray[Any]:
    """The label of every vertex."""
    given = (
        surfaces.load_surf_data(labelling)
        if isinstance(labelling, str) or hasattr(labelling, "__fspath__")
        else labelling
    )
    labels = np.asarray(given)
    if labels.ndim != 1:
        raise ValueError(f"labelling must be one label per vertex; got shape {labels.shape}")
    if labels.dtype.kind == "f":
        labels = np.nan_to_num(labels, nan=0.0)
        if (labels % 1).any():
            raise ValueError("labelling must hold whole numbers or names; got numbers with decimals: is it a map?")
        labels = labels.astype(int)
    return labels


def _of_vertices(values: NDArray[np.float64], labels: NDArray[Any], parcels: Any) -> NDArray[np.float64]:
    """The value of every vertex; nan outside all parcels."""
    names = list(range(1, len(values) + 1)) if parcels is None else list(parcels)
    if len(names) != len(values) or len(set(map(str, names))) != len(names):
        raise ValueError(f"parcels must name each of the {len(values)} values once; got {len(names)} names")
    value_of = {str(name): value for name, value in zip(names, values, strict=True)}
    none = {"", "0", "-1"} - set(value_of)
    there, member = np.unique(labels.astype(str), return_inverse=True)
    unknown = [name for name in there if name not in value_of and name not in none]
    if unknown:
        shown = ", ".join(cut(name, 30) for name in unknown[:4])
        raise ValueError(
            f"labelling has {len(unknown)} labels without a value, first {shown}; values are of "
            f"{', '.join(cut(name, 30) for name in names[:4])}, …: say in parcels= what it calls each of them"
        )
    if not any(name in value_of for name in there):
        raise ValueError("labelling has none of the parcels: no vertex would be coloured")
    return np.array([value_of.get(name, np.nan) for name in there])[member]
