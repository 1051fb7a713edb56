"""What an array is by its name, whatever its shape. A new word is one entry of a table here."""

from __future__ import annotations

import re

# Arrays that carry these names, or belong to a layer that does (``fc.weight``, ``readout/kernel``).
_WORDS = {
    "recurrent": """
        w_rec wrec w_hh whh weight_hh w_recurrent recurrent recurrent_weight recurrent_weights recurrent_kernel rec
        rec_weights weights_rec w_h2h h2h hidden_to_hidden hidden2hidden rnn_weights""",
    "inputs": """
        w_in win wi w_ih wih weight_ih input inputs w_input input_weight input_weights weights_in in_weights w_inp
        input_kernel w_x wx w_xh wxh i2h input_to_hidden input2hidden input2h w_fb w_feedback feedback""",
    "outputs": """
        w_out wout wo w_ho readout read_out output outputs out w_output output_weight output_weights weights_out
        out_weights w_readout readout_weight readout_weights w_ro w_hy h2o hidden_to_output hidden2output""",
    "distances": """
        distances distance dist dists distance_matrix dist_matrix tract_lengths tract_length tract_len lengths length
        len fiber_lengths fiber_length fibre_lengths fibre_length streamline_lengths streamline_length tl
        euclidean_distances euclidean_distance euclidean path_lengths tractlengths fiberlengths""",
    "positions": """
        positions position pos coords coord coordinates coordinate xyz xy centres centers centroids centroid centre
        center locations location locs loc node_positions node_coords roi_coords roi_centers mni mni_coords
        mni_coordinates coor region_centres region_centers soma_positions""",
    "labels": """
        labels label names node_names node_labels region_labels region_names regions region rois roi roi_names
        roi_labels parcel_names parcels cell_names cell_ids neuron_names neuron_ids neurons areas area_names
        channel_names ids node_ids _index obs_names""",
    "modules": """
        modules module classes class cell_types types type cell_type cell_classes cell_class communities community ci
        systems system partition node_class node_classes groups group lobes lobe""",
    "projection": "weight_hr w_hr",
    "mask": "mask masks rec_connectivity connectivity_mask",
    "signs or masks of ends": "dale dale_rec dale_out input_connectivity output_connectivity",
    "delays or statistics": """
        delays delay p_values pvalues pvals pval p_value q_values standard_error standard_errors""",
    "about": "name title note notes description atlas comment info readme",
    "activity": """
        activity activities rates firing_rates states hidden_states hidden_state trials recording recordings spikes
        timeseries time_series ts bold traces calcium responses data_trials targets target""",
}  # fmt: skip
# Only as the names of layers: ``fc.weight`` is a layer's, a bare ``fc`` is functional connectivity.
_LAYER_WORDS = {
    "inputs": "encoder embedding embed embeddings in_proj input_layer input_proj inp in fc_in linear_in in_layer",
    "outputs": """
        fc head decoder linear dense classifier lm_head fc_out output_layer linear_out out_proj output_proj
        action_net value_net logits final final_layer predictor policy_head value_head dense_0 w_o""",
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split()}
_LAYER_ROLES = _ROLES | {word: role for role, words in _LAYER_WORDS.items() for word in words.split()}
# One of many feed-forward layers: ``layers.2.weight``, ``fc1.weight``, ``attn.q_proj.weight``.
_LAYER = re.compile(r"\d+|(?:fc|lin|linear|dense|layer|conv|conv\dd|mlp|block|hidden_layer|norm|bn|ln)s?_?\d*|\w+_proj")
_ARRAYS_OF_LAYERS = {"weight", "weights", "kernel", "w"}
_BIAS = re.compile(r"b|b_\w+|b(?:rec|in|out|hh|ih)|bias(?:es)?(?:_\w+)?|\w+_bias(?:es)?")
_OPTIMIZER = re.compile(r"optim(?:_\w+)?|optimi[sz]ers?(?:_\w+)?")
_MOMENTS = {
    "exp_avg", "exp_avg_sq", "max_exp_avg_sq", "momentum_buffer", "square_avg", "opt_state", "adam", "adam_1",
    "rmsprop", "rmsprop_1", "momentum", "adagrad", "adadelta", "slots", "grad", "grads", "gradient", "gradients",
}  # fmt: skip


def path(name: str) -> list[str]:
    """The parts of a name, in snake case, without ``:0`` and without indices: ``a/tractLengths:0``, ``s(2).conn``."""
    return [_snake(re.sub(r":0$|\(\d+\)|\{\d+\}", "", part)) for part in re.split(r"[./]", name)]


def _snake(word: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[ -]", "_", word).lower()


def rank(name: str) -> int:
    """Where the word stands in the table: of two arrays of one role the first is the one."""
    last = path(name)[-1]
    return list(_ROLES).index(last) if last in _ROLES else len(_ROLES)


def layer(name: str) -> str | None:
    """The layer that a weight belongs to: ``fc`` of ``net.fc.weight``, and of Keras' ``layers/fc/vars/0``."""
    parts = path(name)
    if len(parts) > 2 and parts[-1] == "0" and parts[-2] == "vars":
        return parts[-3]
    return parts[-2] if len(parts) > 1 and parts[-1] in _ARRAYS_OF_LAYERS else None


def role(name: str) -> str:
    """What the array is: a key of the table, "optimizer", "bias", "layer", or "" if the name does not say."""
    parts = path(name)
    if any(_OPTIMIZER.fullmatch(p) or p in _MOMENTS for p in parts) or {"mu", "nu"} & set(parts[:-1]):
        return "optimizer"
    owner = layer(name)
    if owner is not None:
        return _LAYER_ROLES.get(owner, "layer" if _LAYER.fullmatch(owner) else "")
    last = re.sub(r"_l\d+(?:_reverse)?$", "", parts[-1])  # torch's layers
    if last.endswith("_grad") or last.endswith("_momentum"):
        return "optimizer"
    if last in _ROLES:
        return _ROLES[last]
    if last.endswith("_mask"):
        return "mask"
    return "bias" if _BIAS.fullmatch(last) else ""
