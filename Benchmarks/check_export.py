"""Checks what `mtt-tui` writes against the programs it is written for.

    python check_export.py hf FOLDER            transformers opens the encoder and the tokenizer
    python check_export.py onnx FOLDER HF       onnxruntime gives the logits that PyTorch gives for the hf form, timed
    python check_export.py graph FOLDER         onnxruntime gives the logits in case.safetensors, for any shape
    python check_export.py tensors ONE TWO      every tensor of one model.safetensors is the other's, byte for byte

Needs torch, transformers, safetensors, tokenizers, onnx, onnxruntime and numpy.
"""

import json
import sys
import time

import numpy as np
import torch
from safetensors.torch import load_file


def encoder(folder):
    from transformers import AutoModel

    model, report = AutoModel.from_pretrained(folder, output_loading_info=True)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not report[kind], f"{kind}: {report[kind]}"
    return model.eval()


def heads(model, weights, ids, mask):
    """Logits of both heads by PyTorch, from the encoder and heads.safetensors."""
    with torch.no_grad():
        out = model(input_ids=ids, attention_mask=mask)
        a = out.pooler_output @ weights["classifier.sentence.weight"].T + weights["classifier.sentence.bias"]
        b = out.last_hidden_state @ weights["classifier.tags.weight"].T + weights["classifier.tags.bias"]
    return out.last_hidden_state, a, b


def batch(vocabulary_size, rows, longest, seed):
    """Random rows of random lengths, padded at their ends."""
    random = np.random.default_rng(seed)
    lengths = random.integers(2, longest + 1, rows)
    lengths[0] = longest
    ids = random.integers(5, vocabulary_size, (rows, longest))
    mask = (np.arange(longest)[None] < lengths[:, None]).astype(np.int64)
    return (ids * mask).astype(np.int64), mask


def check_hf(folder):
    from transformers import AutoTokenizer

    model = encoder(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    text = "Play the naïve song, please!"
    print("AutoModel:", type(model).__name__, "AutoTokenizer:", type(tokenizer).__name__)
    print(tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"]))
    weights = load_file(f"{folder}/heads.safetensors")
    ids, mask = batch(model.config.vocab_size, 4, 12, 1)
    hidden, a, b = heads(model, weights, torch.tensor(ids), torch.tensor(mask))
    print("hidden states", tuple(hidden.shape), "classes", tuple(a.shape), "tags", tuple(b.shape))


def check_onnx(folder, hf):
    """Logits of the graph against PyTorch's, over dynamic batches and lengths."""
    import onnx
    import onnxruntime

    onnx.checker.check_model(f"{folder}/model.onnx", full_check=True)
    session = onnxruntime.InferenceSession(f"{folder}/model.onnx", providers=["CPUExecutionProvider"])
    model = encoder(hf)
    weights = load_file(f"{hf}/heads.safetensors")
    worst = 0.0
    for seed, (rows, longest) in enumerate([(1, 2), (3, 7), (8, 31), (2, 64)]):
        ids, mask = batch(model.config.vocab_size, rows, longest, seed)
        got = session.run(["logits_a", "logits_b"], {"input_ids": ids, "attention_mask": mask})
        _, a, b = heads(model, weights, torch.tensor(ids), torch.tensor(mask))
        worst = max(worst, np.abs(got[0] - a.numpy()).max())
        worst = max(worst, np.abs((got[1] - b.numpy()) * mask[..., None]).max())
    print(f"largest difference {worst:.2e}")
    assert worst < 1e-4
    for rows, longest in [(1, 8), (1, 32), (8, 32), (32, 32)]:
        ids, mask = batch(model.config.vocab_size, rows, longest, 9)
        session.run(None, {"input_ids": ids, "attention_mask": mask})
        start = time.perf_counter()
        for _ in range(20):
            session.run(None, {"input_ids": ids, "attention_mask": mask})
        print(f"batch {rows} length {longest}: {(time.perf_counter() - start) / 20 * 1e3:.2f} ms")


def check_graph(folder):
    """Logits of the graph against the engine's own; tag logits are of real positions, row by row."""
    import onnx
    import onnxruntime
    from safetensors.numpy import load_file as load

    onnx.checker.check_model(f"{folder}/model.onnx", full_check=True)
    session = onnxruntime.InferenceSession(f"{folder}/model.onnx", providers=["CPUExecutionProvider"])
    case = load(f"{folder}/case.safetensors")
    got = dict(zip(
        [output.name for output in session.get_outputs()],
        session.run(None, {given.name: case[given.name] for given in session.get_inputs()}),
    ))
    tags = got["logits_b"][case["attention_mask"] == 1]
    worst = max(
        np.abs(got["logits_a"] - case["expected.logits_a"]).max(), np.abs(tags - case["expected.logits_b"]).max())
    print(f"largest difference {worst:.2e}; outputs {sorted(got)}")
    assert worst < 1e-4


def check_tensors(folder, other):
    """Every tensor of one safetensors file against another's, byte for byte."""
    one, two = load_file(f"{folder}/model.safetensors"), load_file(f"{other}/model.safetensors")
    for name, tensor in one.items():
        assert tensor.numpy().tobytes() == two[name].numpy().tobytes(), name
    print(f"{len(one)} tensors are equal byte for byte")


def main():
    what, *paths = sys.argv[1:]
    {"hf": check_hf, "onnx": check_onnx, "graph": check_graph, "tensors": check_tensors}[what](*paths)


if __name__ == "__main__":
    main()
