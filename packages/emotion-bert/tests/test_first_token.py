"""The last layer computes the first token alone, and nothing else changes."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch
from transformers import AutoModelForSequenceClassification, BertConfig, PreTrainedModel, RobertaConfig

from emotion_bert.models.first_token import compute_first_token_only

SIZES = {
    "vocab_size": 50,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_labels": 6,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}
IDS = torch.arange(4, 34).view(3, 10)
PADDED = torch.tensor([[1] * 10, [1] * 7 + [0] * 3, [1] * 2 + [0] * 8])


def make(kind: type[BertConfig | RobertaConfig], attention: str) -> PreTrainedModel:
    """The same small model at each call."""
    torch.manual_seed(0)
    return AutoModelForSequenceClassification.from_config(kind(**SIZES), attn_implementation=attention)


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("kind", [BertConfig, RobertaConfig])
def test_logits_and_gradients_are_those_of_the_whole_layer(
    kind: type[BertConfig | RobertaConfig], attention: str
) -> None:
    """With padded texts and without, for prediction and for training."""
    whole, first = make(kind, attention), compute_first_token_only(make(kind, attention))
    for mask in (PADDED, torch.ones_like(PADDED)):
        expected, found = (model(IDS, attention_mask=mask).logits for model in (whole, first))
        torch.testing.assert_close(found, expected)
        expected.square().sum().backward()
        found.square().sum().backward()
    gradients = {name: parameter.grad for name, parameter in first.named_parameters()}
    for name, parameter in whole.named_parameters():
        torch.testing.assert_close(gradients[name], parameter.grad, rtol=1e-4, atol=1e-6)


def test_the_last_layer_gives_one_token() -> None:
    """What was to be spared is spared: the feed-forward layer sees one position of each text."""
    model = compute_first_token_only(make(BertConfig, "sdpa"))
    seen = []
    for layer in model.bert.encoder.layer:
        layer.intermediate.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0].shape[1]))
    model(IDS)
    assert seen == [10, 1]


@pytest.mark.parametrize("kind", [BertConfig, RobertaConfig])
def test_hidden_states_and_attentions_are_of_all_tokens(kind: type[BertConfig | RobertaConfig]) -> None:
    """They are asked for at the call or in the config, and the model below the head gives all tokens anyway."""
    whole, first = make(kind, "eager"), compute_first_token_only(make(kind, "eager"))
    asked = {"output_hidden_states": True, "output_attentions": True}
    expected, found = (model(IDS, attention_mask=PADDED, **asked) for model in (whole, first))
    torch.testing.assert_close(found.hidden_states, expected.hidden_states)
    torch.testing.assert_close(found.attentions, expected.attentions)
    first.config.output_hidden_states = True
    torch.testing.assert_close(first(IDS, attention_mask=PADDED).hidden_states, expected.hidden_states)
    base = first.base_model(IDS, attention_mask=PADDED).last_hidden_state
    torch.testing.assert_close(base, expected.hidden_states[-1])


@pytest.mark.parametrize("kind", [BertConfig, RobertaConfig])
def test_a_pickled_or_copied_model_computes_the_same(kind: type[BertConfig | RobertaConfig]) -> None:
    """Its logits stay, and its last layer still spares the other tokens."""
    model = compute_first_token_only(make(kind, "sdpa"))
    expected = model(IDS).logits
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        torch.testing.assert_close(other(IDS).logits, expected)
        seen = []
        last = other.base_model.encoder.layer[-1].intermediate
        last.register_forward_hook(lambda module, inputs, output, seen=seen: seen.append(inputs[0].shape[1]))
        other(IDS)
        assert seen == [1]


def test_asking_twice_changes_nothing_more() -> None:
    """The parameters keep their names, and a second call leaves the model as it is."""
    model = make(BertConfig, "sdpa")
    names = list(model.state_dict())
    logits = compute_first_token_only(compute_first_token_only(model))(IDS).logits
    assert list(model.state_dict()) == names
    torch.testing.assert_close(logits, make(BertConfig, "sdpa")(IDS).logits)
