# SPDX-License-Identifier: MIT
"""Layer and Network: the weights W_k (d_k, d_k₋₁), biases b_k (d_k,) and activations g_k of a feed-forward network.

    h_0 = X,   a_k = W_k h_{k−1} + b_k,   h_k = g_k(a_k),   k = 1 … L

Both are frozen and their arrays read-only; another network is another object. The last layer's function is the loss's
own. `training` and `columns` ride along unopened. Knows the tables of activations and losses, and no data.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from culpa.engine.activations import Activation, activation_named
from culpa.engine.arrays import Flat, Matrix, Vector, as_array, cast, number, whole_number
from culpa.engine.losses import Loss, loss_named
from culpa.engine.streams import stream
from culpa.errors import OptionError, ShapeError, unknown_name

__all__ = ["Init", "Layer", "Network", "flatten", "unflatten"]

Init = Literal["auto", "he", "glorot"]
DIVERGED = "did the training that made it diverge?"


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer: h_k = g_k(W_k h_{k−1} + b_k).

    Args:
        W: Weights (d_k, d_k₋₁), floating-point.
        b: Biases (d_k,) of the same dtype, or None for a layer without.
        activation: g_k; in the last layer, the loss's output function.
    """

    W: Matrix
    b: Vector | None
    activation: Activation

    def __post_init__(self) -> None:
        object.__setattr__(self, "W", read_only(self.W))
        object.__setattr__(self, "b", None if self.b is None else read_only(self.b))

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        # Through the constructor, because NumPy's own pickles and deep copies come back writeable.
        return type(self), (self.W, self.b, self.activation)

    def __repr__(self) -> str:
        rows, columns = self.W.shape
        return f"Layer({columns} → {rows}, {self.activation.name}{'' if self.b is not None else ', no bias'})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Network:
    """A feed-forward network with the loss that it is trained for; made by `fresh` or `from_arrays`.

    Args:
        layers: First layer first; each takes what the one before gives.
        loss: A row of the table of losses.
        l2: The penalty's factor, ½ l2 Σ‖W‖² over all weights; biases are exempt, and n plays no part.
        training: The record of the training that made the network, or None. The engine never opens it.
        columns: How a table becomes X and y, or None. The engine never opens it.
    """

    layers: tuple[Layer, ...]
    loss: Loss
    l2: float = 0.0
    training: Any = None
    columns: Any = None

    def __post_init__(self) -> None:
        if self.layers[-1].activation != self.loss.output:
            raise OptionError(
                f"The last layer's function must be {self.loss.output.name}, which belongs to the loss "
                f"{self.loss.name}; got {self.layers[-1].activation.name}.",
                hint="Network.from_arrays takes the loss's name and sees to it.",
            )

    @classmethod
    def fresh(
        cls,
        sizes: Sequence[int],
        *,
        hidden: str | Activation | Sequence[str | Activation] = "relu",
        loss: str | Loss = "cross_entropy",
        seed: int = 0,
        l2: float = 0.0,
        init: Init = "auto",
        bias: bool = True,
        dtype: DTypeLike = "float32",
    ) -> Self:
        """Make a network with random weights and zero biases.

        Args:
            sizes: The widths d_0, d_1, …, d_L: columns of X, units of each hidden layer, outputs.
            hidden: The hidden layers' activation, one name for all or one a layer.
            loss: The name of the loss, which brings the output function with it.
            seed: The same seed gives the same weights.
            l2: The penalty's factor.
            init: "he" draws W from N(0, 2/d_k₋₁), "glorot" from U(±√(6/(d_k₋₁ + d_k))); "auto" takes He for the relu
                family (relu, leaky_relu, elu, gelu, silu) and Glorot otherwise, also for the last layer.
            bias: False for layers without biases.
            dtype: "float32" to train, "float64" to check.

        Raises:
            OptionError: If a name is unknown, a size is not a positive whole number, or an option is out of range.

        Example:
            >>> Network.fresh([64, 32, 10], hidden="tanh", seed=1)
            Network(64-32-10, tanh, cross_entropy, float32, 2,410 parameters)

        Source: He et al. 2015, eq. 10; Glorot and Bengio 2010, eq. 16.
        """
        widths = [whole_number("sizes", size) for size in listed("sizes", sizes)]
        if len(widths) < 2:
            raise OptionError(
                f"`sizes` must name at least the columns of X and the outputs; got {list(sizes)}.",
                hint="a softmax regression of 64 columns into 10 classes is [64, 10].",
            )
        if init not in ("auto", "he", "glorot"):
            raise unknown_name("init", init, ("auto", "he", "glorot"))
        row = loss_named(loss)
        activations = [*hidden_activations(hidden, len(widths) - 2), row.output]
        random = stream(seed, "weights")
        layers = []
        for (fan_in, fan_out), activation in zip(pairwise(widths), activations, strict=True):
            W = fresh_weights(random, fan_out, fan_in, activation.init if init == "auto" else init)
            b = np.zeros(fan_out, float_dtype(dtype)) if bias else None
            layers.append(Layer(W.astype(float_dtype(dtype)), b, activation))
        return cls(tuple(layers), row, number("l2", l2, least=0))

    @classmethod
    def from_arrays(
        cls,
        weights: Iterable[Any],
        biases: Iterable[Any] | None = None,
        *,
        hidden: str | Activation | Sequence[str | Activation] = "relu",
        loss: str | Loss = "cross_entropy",
        l2: float = 0.0,
        dtype: DTypeLike | None = None,
        training: Any = None,
        columns: Any = None,
    ) -> Self:
        """Make a network from arrays of weights and biases; they are copied.

        Args:
            weights: W_1 … W_L, each (d_k, d_k₋₁): a row a unit. (Keras and many courses keep the transpose.)
            biases: b_1 … b_L, each (d_k,), or None in a layer without; None for no biases at all.
            hidden: The hidden layers' activation, one name for all or one a layer.
            loss: The name of the loss, which brings the output function with it.
            l2: The penalty's factor.
            dtype: By default that of the arrays, the widest of them; integers become float64.
            training: The record of the training that made the arrays, if there is one.
            columns: How a table becomes X and y, if it is known.

        Raises:
            ShapeError: If the arrays do not fit each other.
            DataError: If they do not hold finite numbers.
            OptionError: If a name is unknown or an option is out of range.

        Example:
            >>> Network.from_arrays([np.eye(2), np.ones((1, 2))], [np.zeros(2), None], loss="squared_error")
            Network(2-2-1, relu, squared_error, float64, 8 parameters)
        """
        matrices = [as_array(f"weights[{k}]", W) for k, W in enumerate(listed("weights", weights))]
        if not matrices:
            raise OptionError("`weights` must hold at least one array.")
        given = [None] * len(matrices) if biases is None else listed("biases", biases)
        if len(given) != len(matrices):
            raise ShapeError(f"`biases` must hold one entry for each of the {len(matrices)} layers; got {len(given)}.")
        vectors = [None if b is None else as_array(f"biases[{k}]", b) for k, b in enumerate(given)]
        everything = [*matrices, *(b for b in vectors if b is not None)]
        widest = np.result_type(*everything, np.float16)
        kind = float_dtype(("float64" if widest == np.longdouble else widest) if dtype is None else dtype)
        row = loss_named(loss)
        activations = [*hidden_activations(hidden, len(matrices) - 1), row.output]
        layers = []
        for k, (W, b, activation) in enumerate(zip(matrices, vectors, activations, strict=True)):
            check_fit(k, W, b, matrices[k - 1] if k else None)
            bias = None if b is None else cast(f"biases[{k}]", b, kind, hint=DIVERGED, entry="entry")
            layers.append(Layer(cast(f"weights[{k}]", W, kind, hint=DIVERGED), bias, activation))
        return cls(tuple(layers), row, number("l2", l2, least=0), training, columns)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The widths (d_0, d_1, …, d_L)."""
        return (self.layers[0].W.shape[1], *(layer.W.shape[0] for layer in self.layers))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of every parameter, and of every array computed from them."""
        return self.layers[0].W.dtype

    @property
    def n_parameters(self) -> int:
        """How many weights and biases there are, p."""
        return sum(layer.W.size + (0 if layer.b is None else layer.b.size) for layer in self.layers)

    def astype(self, dtype: DTypeLike) -> Self:
        """The same network in another dtype: "float32", "float64", or "complex128" for complex steps."""
        kind = float_dtype(dtype)

        def converted(name: str, array: NDArray[Any]) -> NDArray[Any]:
            real = array.real if kind.kind == "f" and not array.imag.any() else array
            return cast(name, real, kind, hint=DIVERGED, entry="entry" if array.ndim == 1 else "row")

        layers = []
        for k, layer in enumerate(self.layers, 1):
            b = None if layer.b is None else converted(f"b_{k}", layer.b)
            layers.append(Layer(converted(f"W_{k}", layer.W), b, layer.activation))
        return replace(self, layers=tuple(layers))

    def __repr__(self) -> str:
        names = list(dict.fromkeys(layer.activation.name for layer in self.layers[:-1]))
        penalty = f", l2={self.l2:g}" if self.l2 else ""
        what = ", ".join(["-".join(map(str, self.sizes)), *(["/".join(names)] if names else []), self.loss.name])
        return f"Network({what}, {self.dtype}{penalty}, {self.n_parameters:,} parameters)"


def flatten(network: Network) -> Flat:
    """Lay all parameters out in one vector (p,): W_1 row by row, b_1, W_2, ….

    Example:
        >>> flatten(Network.from_arrays([[[1.0, 2.0]]], [[3.0]], loss="squared_error"))
        array([1., 2., 3.])
    """
    return np.concatenate([part.ravel() for layer in network.layers for part in (layer.W, layer.b) if part is not None])


def unflatten(network: Network, theta: object) -> Network:
    """The same network with the parameters `theta` (p,), in the order of `flatten` and the network's dtype.

    Raises:
        ShapeError: If `theta` is not (p,).
        DataError: If `theta` does not hold finite numbers.

    Example:
        >>> network = Network.from_arrays([[[1.0, 2.0]]], [[3.0]], loss="squared_error")
        >>> unflatten(network, [4.0, 5.0, 6.0]).layers[0].W
        array([[4., 5.]])
    """
    array = as_array("theta", theta)
    if array.shape != (network.n_parameters,):
        raise ShapeError(f"`theta` must be ({network.n_parameters},), one entry a parameter; got {array.shape}.")
    flat = cast("theta", array, network.dtype, hint=DIVERGED, entry="entry")
    layers, start = [], 0
    for layer in network.layers:
        W = flat[start : start + layer.W.size].reshape(layer.W.shape)
        start += layer.W.size
        b = None if layer.b is None else flat[start : start + layer.b.size]
        start += 0 if layer.b is None else layer.b.size
        layers.append(Layer(W, b, layer.activation))
    return replace(network, layers=tuple(layers))


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A contiguous copy that cannot be written to."""
    copy = np.array(array, order="C")
    copy.flags.writeable = False
    return copy


def float_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """The dtype that a network may have: float32, float64 or complex128; narrower floats are widened to float32."""
    try:
        kind = np.dtype("no dtype" if dtype is None else dtype).newbyteorder("=")
    except TypeError as error:
        raise unknown_name("dtype", dtype, ("float32", "float64", "complex128")) from error
    if kind == np.float16:
        return np.dtype(np.float32)
    if kind not in (np.float32, np.float64, np.complex128):
        raise unknown_name("dtype", kind.name, ("float32", "float64", "complex128"))
    return kind


def hidden_activations(hidden: str | Activation | Sequence[str | Activation], count: int) -> list[Activation]:
    """One row of the table for each hidden layer."""
    if isinstance(hidden, str | Activation):
        return [activation_named(hidden)] * count
    names = listed("hidden", hidden)
    if len(names) != count:
        layers = f"{count} hidden layer{'' if count == 1 else 's'}"
        raise OptionError(
            f"`hidden` must be one name, or one for each of the {layers}; got {len(names)}.",
            hint="the last layer's function comes with the loss.",
        )
    return [activation_named(name) for name in names]


def listed(name: str, values: Any) -> list[Any]:
    """A list of what was given one by one; one thing alone is refused by name."""
    if isinstance(values, Iterable) and not isinstance(values, str | bytes):
        return list(values)
    raise OptionError(f"`{name}` must be a list; got {values!r}.")


def fresh_weights(random: np.random.Generator, fan_out: int, fan_in: int, init: str) -> Matrix:
    """He's normal or Glorot's uniform draw, (d_k, d_k₋₁) in float64."""
    if init == "he":
        return random.normal(0.0, np.sqrt(2 / fan_in), (fan_out, fan_in))
    bound = np.sqrt(6 / (fan_in + fan_out))
    return random.uniform(-bound, bound, (fan_out, fan_in))


def check_fit(k: int, W: NDArray[Any], b: NDArray[Any] | None, below: NDArray[Any] | None) -> None:
    """Refuse a layer whose arrays do not fit each other, or the layer below."""
    if W.ndim != 2 or 0 in W.shape:
        raise ShapeError(f"`weights[{k}]` must be a matrix (d_{k + 1}, d_{k}) without empty sides; got {W.shape}.")
    if below is not None and W.shape[1] != below.shape[0]:
        raise ShapeError(
            f"`weights[{k}]` must have {below.shape[0]} columns, because `weights[{k - 1}]` is {below.shape}; "
            f"got {W.shape}.",
            hint="a row is a unit; did you mean W.T for each?" if W.shape[0] == below.shape[1] else None,
        )
    if b is not None and b.shape != (W.shape[0],):
        raise ShapeError(f"`biases[{k}]` must be ({W.shape[0]},), because `weights[{k}]` is {W.shape}; got {b.shape}.")
