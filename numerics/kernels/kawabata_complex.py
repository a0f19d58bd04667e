r"""The three-dimensional weak-localization kernel K(B, B_phi) of a complex B_phi, for JAX.

.. math:: K(B, B_\phi) = \sqrt{|B|}\left[-2\sqrt{z} - \zeta(\tfrac12, \tfrac12 + z)\right],
          \qquad z = B_\phi / |B|,

as in the module `kawabata` (Kawabata, J. Phys. Soc. Jpn. 49, 628 (1980)), for Re z >= 0: at a
frequency omega, B_phi - i hbar omega/(4 e D) takes the place of B_phi.

With p = B_phi/2 there are two branches, |B| <= |p| with rational functions of t = |B|/p, and
|B| > |p| with rational functions of v = sqrt(p/|B|), in which K is analytic and whose
argument is at most pi/4.  The derivatives, with tables of their own, are those in `kawabata`:
the function is holomorphic in B_phi.  A derivative along B_phi is the complex derivative, and
`jax.grad` of a real loss through real parameters is their gradient.

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.complex_fields import ComplexRegime, complex_fields, complex_regime
from numerics.kernels.complex_parts import (
    ComplexTables,
    Parts,
    complex_branches,
    parts_where,
    real_parts,
)
from numerics.kernels.rational import KernelFunction, isolated, set_derivatives


@jax.jit
def kawabata_complex(B: ArrayLike, B_phi: ArrayLike) -> Array:
    r"""sqrt(\|B\|) (-2 sqrt(z) - zeta(1/2, 1/2 + z)), z = B_phi/\|B\|, for complex B_phi.

    Parameters
    ----------
    B : magnetic field, real, of either sign, any shape; the function is even in B.
    B_phi : dephasing field hbar/(4 e D) (1/tau_phi - i omega) in the unit of B, Re B_phi >= 0;
        broadcasts against B.  A real one gives a result without imaginary part.

    Returns
    -------
    Array of the broadcast shape, in the square root of the unit of B, complex64 or complex128
    as the arguments are.

    Notes
    -----
    Relative error of the value and of each first and second derivative for
    1e-8 <= \|B_phi/B\| <= 1e16 (1e10 in complex64, with fields of order one): at most
    1e-14 in complex128 and 5e-6 in complex64.  d2K/dB2 vanishes at \|B\| = 5.9202 B_phi; next to
    it the error is relative to the rounding of B_phi/B.  Third and higher derivatives are those
    of the rational functions by automatic differentiation.

    Limits: 0 at B = 0 and at \|B_phi\| = inf (gradient 0; d2K/dB2 = 1/(24 B_phi^1.5) at B = 0);
    0.60490 sqrt(\|B\|) at B_phi = 0, where dK/dB_phi = -inf, a true divergence; inf at
    \|B\| = inf.  K(0, 0) = 0.  NaN if an argument is NaN or Re B_phi < 0.

    Raises
    ------
    TypeError : if B is complex or a type has another width.
    """
    return _kawabata_complex(*complex_fields("kawabata_complex", B, B_phi))


@partial(jax.jit, static_argnames=("m", "n"))
def kawabata_complex_derivative(B: ArrayLike, B_phi: ArrayLike, m: int, n: int) -> Array:
    """Partial derivative of `kawabata_complex`, m times in B and n times in B_phi, m + n <= 2.

    Units: field^(1/2 - m - n).  The orders are Python integers (static).  Arguments, accuracy
    and limits as in `kawabata_complex`; odd in B for odd m.

    Raises
    ------
    NotImplementedError : if m + n > 2 (`jax.jvp` differentiates further).
    """
    if (m, n) not in _KAWABATA_COMPLEX_DERIVATIVES:
        raise NotImplementedError(
            f"kawabata_complex_derivative covers orders m, n >= 0 with m + n <= 2, but got "
            f"({m}, {n}); apply jax.jvp to a lower order instead."
        )
    fields = complex_fields("kawabata_complex_derivative", B, B_phi)
    return _KAWABATA_COMPLEX_DERIVATIVES[m, n](*fields)


class _Roots(NamedTuple):
    """The regime, and square roots of its fields; those of an infinite p count as 0."""

    at: ComplexRegime
    variable: Parts  # t in weak fields, v in strong ones
    P: Parts  # sqrt(B_phi)
    inverse_P: Parts
    B: Array  # sqrt(|B|) in strong fields
    inverse_B: Array


@jax.custom_jvp
def _kawabata_complex(B: Array, B_phi: Array) -> Array:
    of = _roots(B, B_phi)
    at = of.at
    power = parts_where(at.weak, at.t.square() * of.P, real_parts(of.B))
    # an infinite B has its limit here: a zero imaginary part times infinity is not a number
    infinite = jnp.isinf(of.B)
    value = _kawabata_complex_table("value", of) * parts_where(
        infinite, real_parts(jnp.ones_like(of.B)), power
    )
    return parts_where(infinite, real_parts(of.B), value).joined()


@jax.custom_jvp
def _kawabata_complex_B(B: Array, B_phi: Array) -> Array:
    of = _roots(B, B_phi)
    at = of.at
    power = parts_where(at.weak, at.t * at.inverse_p * of.P, real_parts(of.inverse_B))
    return (_kawabata_complex_table("slope", of) * power).times(0.5 * at.sign).joined()


@jax.custom_jvp
def _kawabata_complex_P(B: Array, B_phi: Array) -> Array:
    of = _roots(B, B_phi)
    return _with_kawabata_pole(of, -jnp.inf, _even("decay", of).times(-0.5) * of.inverse_P)


def _kawabata_complex_BB(B: Array, B_phi: Array) -> Array:
    of = _roots(B, B_phi)
    at = of.at
    strong = of.variable.plus(-_KAWABATA_COMPLEX_INFLECTION)
    strong = strong.times(at.inverse_B).times(of.inverse_B)
    power = parts_where(at.weak, at.inverse_p * at.inverse_p * of.P, strong)
    return (_kawabata_complex_table("curvature", of) * power).joined()


def _kawabata_complex_BP(B: Array, B_phi: Array) -> Array:
    of = _roots(B, B_phi)
    at = of.at
    strong = real_parts(at.inverse_B * of.inverse_B)
    power = parts_where(at.weak, at.t * at.inverse_p * of.inverse_P, strong)
    return (_kawabata_complex_table("mixed", of) * power).times(-at.sign).joined()


def _kawabata_complex_PP(B: Array, B_phi: Array) -> Array:
    of = _roots(B, B_phi)
    value = _even("damping", of).times(0.375) * of.inverse_P * of.at.inverse_p
    return _with_kawabata_pole(of, jnp.inf, value)


_KAWABATA_COMPLEX_DERIVATIVES: dict[tuple[int, int], KernelFunction] = {
    (0, 0): _kawabata_complex,
    (1, 0): _kawabata_complex_B,
    (0, 1): _kawabata_complex_P,
    (2, 0): _kawabata_complex_BB,
    (1, 1): _kawabata_complex_BP,
    (0, 2): _kawabata_complex_PP,
}
set_derivatives(_kawabata_complex, _kawabata_complex_B, _kawabata_complex_P)
set_derivatives(_kawabata_complex_B, _kawabata_complex_BB, _kawabata_complex_BP)
set_derivatives(_kawabata_complex_P, _kawabata_complex_BP, _kawabata_complex_PP)


def _roots(B: Array, B_phi: Array) -> _Roots:
    at = complex_regime(B, B_phi)
    # p/|p| lies in the right half-plane, where (1 + cos)/2 does not cancel
    cosine = isolated(jnp.sqrt(0.5 * (1 + at.direction.re)))
    half = Parts(cosine, jnp.clip(at.direction.im / (2 * cosine), -1, 1))
    root_P = isolated(jnp.sqrt(2 * jnp.where(at.size == 0, 1, at.size)))
    inverse_P = half.conjugate().times(jnp.where(at.inverse == 0, 0, isolated(1 / root_P)))
    root_B = isolated(1 / isolated(jnp.sqrt(at.inverse_B)))
    # without fields of its own the root of the ratio would be differentiated at 0
    v = half.times(isolated(jnp.sqrt(at.ratio)))
    return _Roots(
        at, parts_where(at.weak, at.t, v), half.times(jnp.where(at.size == 0, 0, root_P)),
        inverse_P, root_B, isolated(jnp.sqrt(at.inverse_B)),
    )  # fmt: skip


def _even(name: str, of: _Roots) -> Parts:
    """A table with the order B^2 that it has lost in weak fields."""
    one = real_parts(jnp.ones_like(of.at.size))
    return _kawabata_complex_table(name, of) * parts_where(of.at.weak, of.at.t.square(), one)


def _kawabata_complex_table(name: str, of: _Roots) -> Parts:
    names = (f"{name}_weak", f"{name}_strong")
    return complex_branches(_KAWABATA_COMPLEX_TABLES, names, of.at.weak, of.variable)


def _with_kawabata_pole(of: _Roots, limit: float, value: Parts) -> Array:
    pole = real_parts(jnp.full_like(of.at.size, limit))
    return parts_where(of.at.pole, pole, value).joined()


# begin tables: written by `python -m numerics.complex_approximants --write`
# fmt: off
_KAWABATA_COMPLEX_INFLECTION = 0.290614918647624  # the v where C = 0
_KAWABATA_COMPLEX_TABLES: ComplexTables = {
    # F_1/2 / (sqrt(z) t^2)
    "value_weak": (
        0.005208333333333333,
        (
            (0.01746286640369435, -5.2776602414347794e-05),
            (0.3470200883946917, 0.06256151031410977),
            (0.9833650367206066, 0.37214580335184566),
            (1.9872717436161416, 1.229878507689916),
            (2.012260505042225, 1.0625950464078084),
            (2.438852842929182, 2.081826329110481),
            (2.8443942924514376, 3.3313204086295083),
            (3.282360064201945, 5.401941266843369),
        ),
        (
            (0.23597945431937536, 0.006620919464876063),
            (0.3472362595606268, 0.06263049565423218),
            (1.1398479634533412, 0.2961512522936913),
            (1.594535795611706, 0.6663807002740744),
            (2.0313866272664822, 1.2484787670017399),
            (2.43723288655424, 2.081356012186851),
            (2.844408422050981, 3.3312971670084366),
            (3.2823600309431713, 5.401941451615673),
        ),
    ),
    # F_1/2
    "value_strong": (
        0.6048986434216304,
        (
            (-0.7978794117527821, 1.6396025929163003),
            (-0.5827660638902545, 0.020683556010294226),
            (-0.37738084172189923, 0.9038885346083784),
            (-0.2504010600526757, 0.6892303209320088),
            (0.012586803875856362, 0.0029076189135773443),
            (0.09951139147714891, 3.7789343556895805),
            (0.2040925429574009, 0.5263389602107686),
            (0.3646405824787759, 3.0791379941197454),
            (0.5303725758326499, 0.1783145647794326),
        ),
        (
            (-0.2646368254967238, 0.7373541694170832),
            (-0.08567740681875417, 0.9994835008899156),
            (0.022160342513745455, 3.959732924927523),
            (0.026741611393734606, 1.3725277782643897),
            (0.19222231883231322, 3.6286938429746622),
            (0.4869723039773688, 2.9092255850986652),
            (0.4913332698923885, -0.5644865146948711),
            (1.1717018564603736, 1.4851501743655176),
            (1.8378285606495388, 1.1754384292986166),
        ),
    ),
    # H / (sqrt(z) t^2)
    "slope_weak": (
        0.020833333333333332,
        (
            (0.10541144622681953, 0.0015705925262507524),
            (0.2513345219220875, -0.0008373544535074646),
            (1.0826588205142431, 0.5535007843435843),
            (2.103898012058053, 1.4864923401439971),
            (2.3137828192155654, 1.405139445018452),
            (2.527557677633269, 2.3048938831290857),
            (2.922397447747953, 3.639231392929512),
            (3.3515401029852603, 5.834001424159165),
        ),
        (
            (0.1893206441389078, 0.006649452892247475),
            (0.5256413851914409, 0.07178334524120314),
            (1.313721001194471, 0.4204360523777141),
            (1.7050263632598115, 0.7923348143068007),
            (2.127158720626439, 1.4179733547442837),
            (2.5237691736515764, 2.3086984016385963),
            (2.9224034112876396, 3.639008185983823),
            (3.3515401489529646, 5.834002820115384),
        ),
    ),
    # H
    "slope_strong": (
        0.6048986434216304,
        (
            (-0.855694711784005, 1.3441728729344016),
            (-0.45079952498373316, 0.7947936410288421),
            (-0.3147639345877956, 0.6796923798702834),
            (-0.05061896459263892, 0.0014383703925333667),
            (0.018994769621997233, 3.728462201676317),
            (0.22481831627169763, 3.0520266397716616),
            (0.46432215312613045, 0.029727736754559198),
            (0.6000221057994253, 1.2688251161701807),
            (0.6410394890926976, 0.6111035293238806),
        ),
        (
            (-0.38007413356285236, 0.7074053948121987),
            (-0.2846715242502224, 0.9482109584326366),
            (-0.18324587321210145, 1.2763749672423472),
            (-0.019687356225881573, 1.6047969018469723),
            (-0.014507110003274985, 3.8778406651319344),
            (0.005246320847633049, 4.035433902506244),
            (0.099321034802439, 3.4745754102216306),
            (0.24867914635560165, 2.629595873467221),
            (0.8062591932123941, 0.3058999404393485),
        ),
    ),
    # sqrt(z) F_3/2 / t^2
    "decay_weak": (
        0.015625,
        (
            (0.09151921083196297, 0.0006358632794340665),
            (0.2606527052734941, -0.0010411544143377434),
            (1.0810683912916845, 0.5778613464831046),
            (2.1083574405316985, 1.5141380502054393),
            (2.3350419999459078, 1.4333696638337603),
            (2.5281817327814187, 2.3156710367471205),
            (2.9221594725110287, 3.6537497905167284),
            (3.3512530885518927, 5.852493725627421),
        ),
        (
            (0.21298731722296568, 0.009124574074532103),
            (0.5359957563122898, 0.07440675331007807),
            (1.295052544674021, 0.41435094306469705),
            (1.709597262423006, 0.8048265842480303),
            (2.127504249176606, 1.428203003418493),
            (2.5236802681515793, 2.320542686119708),
            (2.9221634883126923, 3.653470245268334),
            (3.351253155445929, 5.852495469838623),
        ),
    ),
    # sqrt(z) F_3/2
    "decay_strong": (
        2.0,
        (
            (-0.8718661296987699, 1.3155166959181344),
            (-0.4680045550874809, 0.7942230463446988),
            (-0.2825841807865186, 0.620155429099543),
            (-0.08071979342550449, 0.007948069112073356),
            (0.17270403198014, 0.42028723758813896),
            (0.19858893421534068, 3.5826204774286188),
            (0.25361203127176524, 0.05990783527139977),
            (0.5589696206660649, 2.8726615519636214),
            (1.387096789190003, -0.10542753618423141),
        ),
        (
            (-0.3236119874810892, 0.7023476087305518),
            (-0.19247095632875957, 0.9424202879249616),
            (-0.08396574653167574, 1.3314787817479605),
            (-0.014576965090857518, 4.03016788658001),
            (0.07737894104491362, 3.8332176259717152),
            (0.2944847018381666, 1.4942739071340276),
            (0.33423346324904074, 3.154978705175292),
            (1.60968200049877, 1.1809135945912608),
            (2.544165670437411, 1.5927692028839755),
        ),
    ),
    # sqrt(z) M / t^2
    "mixed_weak": (
        0.015625,
        (
            (-0.009832707116367507, 8.419536211669621e-05),
            (0.18530163792830237, 0.0056554096760213154),
            (1.1616840084533164, 0.8360709662636815),
            (2.2702355645334062, 1.9339074949581776),
            (2.5524077638674494, 1.7242150629753412),
            (2.5940558256466457, 2.568077478900199),
            (2.988105185148587, 4.04690537478504),
            (3.4113136328935734, 6.398141329384474),
        ),
        (
            (0.39995009596208436, 0.026350267521835304),
            (0.4159486341145155, 0.04488783659890887),
            (1.3493036810985584, 0.4941097880614982),
            (1.7928269120178786, 0.9614102895865023),
            (2.2019942843852656, 1.6414220103325912),
            (2.5940915389735104, 2.610076992110795),
            (2.987840808563238, 4.045513201055595),
            (3.4113149562398686, 6.398149754987801),
        ),
    ),
    # M
    "mixed_strong": (
        1.1941344868887083,
        (
            (-0.8932140667298223, 1.0936474387156865),
            (-0.5244658082843703, 0.7090008023175842),
            (-0.27987596374555, 0.5772913288393255),
            (-0.1959306716310855, 0.011684501394427062),
            (-0.06872411575482644, 0.021446491082520346),
            (0.263001786718586, 3.4276467784919658),
            (0.3477762786464116, 2.471421467192401),
            (0.530037103711418, 0.274251095400306),
            (0.9093989693187169, 1.2970937287772586),
        ),
        (
            (-0.4056728623101735, 0.6862644581164011),
            (-0.3196758513369266, 0.9108480713996371),
            (-0.22310323042989633, 1.2221959248263012),
            (-0.1272847308180362, 1.5232005509086721),
            (-0.04813779654334504, 3.976713145857719),
            (0.01044356600385871, 4.0986732171558184),
            (0.13858549962667038, 3.72310487501778),
            (0.36842078873161366, 3.0472318170307844),
            (0.6944281293257073, 1.706086109710832),
        ),
    ),
    # C / (sqrt(z) t^2)
    "curvature_weak": (
        0.010416666666666666,
        (
            (-0.08977090291820082, 0.00044950463901672515),
            (0.16019504217058894, 0.003695768807192417),
            (1.156527434402994, 0.8863571111954035),
            (2.288738279777068, 2.009636127100492),
            (2.5768322283998586, 2.5497078788273324),
            (2.592042614354852, 1.7761325206243133),
            (2.975081853552915, 4.058285483786234),
            (3.398629995735571, 6.421167892960196),
        ),
        (
            (0.3946847303495556, 0.022873833435148285),
            (0.406480086655466, 0.0426414719709644),
            (1.3367089524327325, 0.4890715217889543),
            (1.7786665832313484, 0.9572165928889096),
            (2.187969974632949, 1.6399613959909367),
            (2.5804733585762474, 2.6134779959551233),
            (2.9746608341206886, 4.056404334048523),
            (3.398632025476667, 6.421179044013691),
        ),
    ),
    # C / (v - _KAWABATA_COMPLEX_INFLECTION)
    "curvature_strong": (
        0.5203609696265121,
        (
            (-0.9052781002361205, 1.0621696466472177),
            (-0.562308005305343, 0.041935369865148904),
            (-0.5389101858624573, 0.7021342354329209),
            (-0.2603016694439968, 0.5768800262610863),
            (-0.0910847755860047, 0.012020766702810258),
            (0.2722111824595184, 2.9635371056194764),
            (0.5805377628214973, 1.5636035722929633),
            (0.6590068624004141, 0.21121949776930035),
            (4.222734288896656, 2.689980805363758),
        ),
        (
            (-0.4308290701864123, 0.7005355786378931),
            (-0.35317507673791637, 0.9361698526443908),
            (-0.26922818292555406, 1.2532076510745216),
            (-0.1578344893410896, 1.5826472605601372),
            (-0.06699459423158617, 3.9906915128382203),
            (0.02429572274644116, 4.130321201132188),
            (0.15576133970091957, 3.535736701036494),
            (0.4049734840219469, -0.41636194580280905),
            (0.6286586495394916, 2.288245315254923),
        ),
    ),
    # z^(3/2) F_5/2 / t^2
    "damping_weak": (
        0.026041666666666668,
        (
            (-0.0010498083526226452, 1.2009046748865863e-05),
            (0.23540140030046497, 0.011659796736003515),
            (1.1632057517905707, 0.8103259641724618),
            (2.264784867939481, 1.901848208960654),
            (2.5439289759737362, 1.7119281112940297),
            (2.6039240754979285, 2.567586584898255),
            (2.9949268586196354, 4.031727050776684),
            (3.4172063569043263, 6.373328128863342),
        ),
        (
            (0.40625503345956404, 0.03000992045513199),
            (0.4272039710576941, 0.04736215207996176),
            (1.3601636459237991, 0.4980330429902365),
            (1.8034642969954715, 0.9628469951340736),
            (2.2112557247682165, 1.638847326703677),
            (2.602060164894452, 2.6020680892126786),
            (2.9947182042166647, 4.030503138730874),
            (3.417207437357664, 6.373335606274396),
        ),
    ),
    # z^(3/2) F_5/2
    "damping_strong": (
        0.6666666666666666,
        (
            (-0.8867254215700052, 1.1108847250083858),
            (-0.5136799311004353, 0.7147059964668773),
            (-0.27908264294615914, 0.5382598989872421),
            (-0.17535929258008429, 0.01013163480537551),
            (-0.014702847824622877, 0.027302373443286964),
            (0.1687349395686012, 0.2804007225368417),
            (0.38570351662336666, 5.898666159088827),
            (0.40115658337360593, 2.6663217075888284),
            (2.3440385956876195, 13.051992674062495),
        ),
        (
            (-0.33119679335025076, 0.6905023606042873),
            (-0.19712208475996387, 0.8398195894414598),
            (-0.15988547874370052, 1.1144805000004379),
            (-0.144688799857031, 1.4558035940586116),
            (-0.08363244882835964, 3.951698735836836),
            (0.01141209697803355, 4.185533951730068),
            (0.25261685576036713, 3.4353837627235557),
            (0.38527947190711986, 5.898590694098426),
            (1.6973006801244512, 0.8786381882070995),
        ),
    ),
}
# fmt: on
# end tables
