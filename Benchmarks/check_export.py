"""Checks what `mtt-tui` writes against the programs it is written for.

    python check_export.py hf FOLDER            transformers opens the encoder and the tokenizer
    python check_export.py onnx FOLDER HF       onnxruntime gives the logits that PyTorch gives for the hf form, timed
    python check_export.py graph FOLDER         onnxruntime gives the logits in case.safetensors, for any shape
    python check_export.py latency FOLDER       milliseconds of onnxruntime on the CPU, any graph
    python check_export.py predictions HF FILE  transformers answers as mtt-tui did; FILE is what it answered:
        mtt-tui predict RUN --pre-split --format conll < sentences > FILE
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


def heads(model, weights, ids, mask, gradients=False):
    """Hidden states and logits of both heads by PyTorch, from the encoder and heads.safetensors."""
    with torch.set_grad_enabled(gradients):
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
    check_latency(folder)


def check_latency(folder):
    """Median and 95 % of 50 runs a size, over full rows; five n-grams a token where the graph takes them."""
    import onnxruntime

    vocabulary = len(open(f"{folder}/vocab.txt", encoding="utf-8").read().split("\n")) - 1
    print("threads  batch  length  median ms   95 % ms  tokens/s")
    for threads in (1, 2):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(
            f"{folder}/model.onnx", options, providers=["CPUExecutionProvider"])
        names = {given.name for given in session.get_inputs()}
        for rows, longest in [(1, 8), (1, 16), (1, 32), (1, 128), (8, 16), (32, 16), (32, 32)]:
            random = np.random.default_rng(9)
            tokens = rows * longest
            given = {
                "input_ids": random.integers(5, vocabulary, (rows, longest)),
                "attention_mask": np.ones((rows, longest), np.int64),
                "ngram_starts": np.arange(tokens + 1) * 5,
                "ngrams": random.integers(0, 100, tokens * 5),
            }
            given = {name: value.astype(np.int64) for name, value in given.items() if name in names}
            times = []
            for _ in range(55):
                start = time.perf_counter()
                session.run(None, given)
                times.append(time.perf_counter() - start)
            times = sorted(times[5:])
            median, late = times[len(times) // 2], times[int(len(times) * 0.95)]
            print(f"{threads:7}{rows:7}{longest:8}{median * 1e3:11.2f}{late * 1e3:10.2f}{tokens / median:10.0f}")


def read_columns(path):
    """Sentences of columns: class, words, tags."""
    sentences = []
    for block in open(path, encoding="utf-8").read().split("\n\n"):
        lines = [line for line in block.split("\n") if line]
        if lines:
            intent = next(line[len("# intent: "):] for line in lines if line.startswith("# intent: "))
            rows = [line.split("\t") for line in lines if not line.startswith("# intent: ")]
            sentences.append((intent, [row[0] for row in rows], [row[1] for row in rows]))
    return sentences


def best_path(logits, tags, weights):
    """Viterbi over logits [words, tags] and the heads' transitions, if they have any.

    I- follows B- or I- of its type, and begins no sentence.
    """
    def allowed(old, new):
        return not new.startswith("I-") or (old is not None and old[2:] == new[2:] and old[0] in "BI")

    def scores(name):
        found = [value.numpy() for key, value in weights.items() if key.split(".")[-1] == name]
        return found[0] if found else 0.0

    steps = np.array([[0.0 if allowed(old, new) else -1e4 for new in tags] for old in tags]) + scores("transitions")
    score = logits[0] + np.array([0.0 if allowed(None, tag) else -1e4 for tag in tags]) + scores("start_transitions")
    back = []
    for row in logits[1:]:
        total = score[:, None] + steps
        back.append(total.argmax(0))
        score = total.max(0) + row
    path = [int((score + scores("end_transitions")).argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return [tags[tag] for tag in reversed(path)]


def check_predictions(folder, path):
    """Classes and tags of every sentence by transformers against those that mtt-tui wrote."""
    from transformers import AutoTokenizer

    model, tokenizer = encoder(folder), AutoTokenizer.from_pretrained(folder)
    weights = load_file(f"{folder}/heads.safetensors")
    labels = json.load(open(f"{folder}/labels.json", encoding="utf-8"))
    classes, tags = labels["sentence_classes"], labels["tags"]
    sentences = read_columns(path)
    same_classes = same_tags = 0
    for intent, words, expected in sentences:
        encoded = tokenizer(words, is_split_into_words=True, return_tensors="pt")
        _, a, b = heads(model, weights, encoded["input_ids"], encoded["attention_mask"])
        places = encoded.word_ids()
        firsts = [places.index(word) for word in range(len(words))]
        found = best_path(b[0][firsts].numpy().astype(np.float64), tags, weights)
        same_classes += classes[int(a.argmax())] == intent
        same_tags += found == expected
    print(f"of {len(sentences)} sentences, {same_classes} classes and the tags of {same_tags} are equal")
    assert same_classes == same_tags == len(sentences)


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
    scores = {name for name in got if "transitions" in name}
    assert scores == {name.removeprefix("expected.") for name in case if "transitions" in name}, scores
    for name in scores:
        worst = max(worst, np.abs(got[name] - case[f"expected.{name}"]).max())
    print(f"largest difference {worst:.2e}; outputs {sorted(got)}")
    assert worst < 1e-4


def check_tensors(folder, other):
    """Every tensor of one safetensors file against another's, byte for byte."""
    one, two = load_file(f"{folder}/model.safetensors"), load_file(f"{other}/model.safetensors")
    for name, tensor in one.items():
        assert tensor.numpy().tobytes() == two[name].numpy().tobytes(), name
    print(f"{len(one)} tensors are equal byte for byte")


def check_gradients(folder, source):
    """Gradients through a pretrained encoder and both heads against PyTorch's, tensor by tensor."""
    case, model = load_file(f"{folder}/gradients.safetensors"), encoder(source)
    weights = {name: tensor.clone().requires_grad_() for name, tensor in case.items() if name.startswith("classifier.")}
    _, a, b = heads(model, weights, case["input_ids"], case["attention_mask"], gradients=True)
    loss = torch.nn.functional.cross_entropy(a, case["classes"]) + torch.nn.functional.cross_entropy(
        b.flatten(0, 1), case["tags"].flatten(), ignore_index=-100)
    loss.backward()
    expected = {name: parameter.grad for name, parameter in [*model.named_parameters(), *weights.items()]}
    given = {name.removeprefix("gradient."): tensor for name, tensor in case.items() if name.startswith("gradient.")}
    assert given.keys() == expected.keys(), given.keys() ^ expected.keys()
    # A key's bias moves no attention weight: its gradient is 0 but for rounding, which says nothing.
    errors = {name: ((given[name] - gradient).norm() / gradient.norm()).item()
              for name, gradient in expected.items() if not name.endswith("self.key.bias")}
    name = max(errors, key=errors.get)
    print(f"loss {loss.item():.6f}; of {len(errors)} tensors {name} differs most, by {errors[name]:.1e} of its norm")
    assert errors[name] < 1e-4


def main():
    what, *paths = sys.argv[1:]
    {"hf": check_hf, "onnx": check_onnx, "graph": check_graph, "tensors": check_tensors,
     "latency": check_latency, "predictions": check_predictions,
     "gradients": check_gradients}[what](*paths)


if __name__ == "__main__":
    main()
