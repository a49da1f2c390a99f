"""Writes torch_fixture.json and torch_fixture.bin: what PyTorch computes for a small model, for the tests to compare with.

A plain BERT-shaped encoder with a sentence head and a tag head, in float64 on padded batches, dropout 0. The initial
parameters are rounded to float32 first, so that a float32 model starts from exactly the same numbers. Written:
  initial    every parameter
  gradients  of weight_a * loss_a + weight_b * loss_b on the first batch (the weights stand in "gradient_weights")
  final      every parameter after the ten steps
and in the JSON file the batches, both losses of the first batch, its weighted class losses with their gradients on the
sentence classifier, and the ten steps of AdamW: learning rates, the losses
each step saw, and the gradient norms before clipping.

  pip install "torch==2.13.0+cpu"
  python make_torch_fixture.py            # writes beside itself
"""
import json
import math
import pathlib
import struct

import torch
import torch.nn as nn
import torch.nn.functional as F

VOCABULARY, HIDDEN, LAYERS, HEADS, INTERMEDIATE, POSITIONS, TYPES = 40, 24, 2, 3, 40, 16, 2
CLASSES, TAGS = 4, 6
BATCHES, STEPS = 5, 10
PEAK_RATE, WARMUP_STEPS, DECAY, CLIP = 5e-3, 4, 0.05, 1.0
CLASS_WEIGHTS, SMOOTHINGS = (0.25, 1.5, 0.75, 3.0), (0.0, 0.1)
GRADIENT_WEIGHTS, TRAINING_WEIGHTS = (1.0, 1.0), (0.7, 1.3)
LAYER_NORM_EPSILON = 1e-12


class SelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(HIDDEN, HIDDEN) for _ in range(3))

    def forward(self, hidden, mask):
        rows, length, _ = hidden.shape
        split = lambda t: t.view(rows, length, HEADS, HIDDEN // HEADS).transpose(1, 2)
        query, key, value = split(self.query(hidden)), split(self.key(hidden)), split(self.value(hidden))
        scores = query @ key.transpose(-1, -2) / math.sqrt(HIDDEN // HEADS)
        scores = scores.masked_fill(mask[:, None, None, :] == 0, float("-inf"))
        return (scores.softmax(-1) @ value).transpose(1, 2).reshape(rows, length, HIDDEN)


class DenseAndNorm(nn.Module):
    """A sub-layer's last product, then LayerNorm over its sum with the sub-layer's input."""

    def __init__(self, width):
        super().__init__()
        self.dense, self.LayerNorm = nn.Linear(width, HIDDEN), nn.LayerNorm(HIDDEN, eps=LAYER_NORM_EPSILON)

    def forward(self, inner, residual):
        return self.LayerNorm(self.dense(inner) + residual)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        setattr(self, "self", SelfAttention())
        self.output = DenseAndNorm(HIDDEN)

    def forward(self, hidden, mask):
        return self.output(getattr(self, "self")(hidden, mask), hidden)


class Intermediate(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(HIDDEN, INTERMEDIATE)

    def forward(self, hidden):
        return F.gelu(self.dense(hidden))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.intermediate, self.output = Attention(), Intermediate(), DenseAndNorm(INTERMEDIATE)

    def forward(self, hidden, mask):
        hidden = self.attention(hidden, mask)
        return self.output(self.intermediate(hidden), hidden)


class Embeddings(nn.Module):
    def __init__(self):
        super().__init__()
        self.word_embeddings = nn.Embedding(VOCABULARY, HIDDEN)
        self.position_embeddings = nn.Embedding(POSITIONS, HIDDEN)
        self.token_type_embeddings = nn.Embedding(TYPES, HIDDEN)
        self.LayerNorm = nn.LayerNorm(HIDDEN, eps=LAYER_NORM_EPSILON)

    def forward(self, ids):
        positions = self.position_embeddings(torch.arange(ids.shape[1]))
        return self.LayerNorm(self.word_embeddings(ids) + positions + self.token_type_embeddings.weight[0])


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = Embeddings()
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer() for _ in range(LAYERS))})
        self.pooler = nn.ModuleDict({"dense": nn.Linear(HIDDEN, HIDDEN)})
        self.classifier = nn.ModuleDict({"sentence": nn.Linear(HIDDEN, CLASSES), "tags": nn.Linear(HIDDEN, TAGS)})

    def forward(self, ids, mask):
        hidden = self.embeddings(ids)
        for layer in self.encoder["layer"]:
            hidden = layer(hidden, mask)
        pooled = torch.tanh(self.pooler["dense"](hidden[:, 0]))
        return self.classifier["sentence"](pooled), self.classifier["tags"](hidden)


def initialise(model, generator):
    """Larger than a real start, so that every gradient is well above float32's rounding."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            if name.endswith("LayerNorm.weight"):
                value = 1 + 0.1 * noise
            elif name.endswith("bias"):
                value = 0.1 * noise
            elif "embeddings" in name:
                value = 0.5 * noise
            else:
                value = noise / math.sqrt(parameter.shape[1])
            parameter.copy_(value.float().double())


def make_batch(index, generator):
    """Ragged rows; some labels -100, a class and a tag of the first batch not seen in training."""
    pick = lambda low, high: int(torch.randint(low, high, (1,), generator=generator))
    count = 6
    lengths = [pick(1, 13) for _ in range(count)]
    length = max(lengths) + index % 2
    batch = dict(count=count, length=length, input_ids=[], attention_mask=[], task_a_labels=[], task_b_labels=[])
    for row, real in enumerate(lengths):
        batch["input_ids"] += [pick(1, VOCABULARY - 5) for _ in range(real)] + [0] * (length - real)
        batch["attention_mask"] += [1] * real + [0] * (length - real)
        batch["task_a_labels"].append(-100 if row == 4 else pick(0, CLASSES))
        tags = [-100 if pick(0, 5) == 0 else pick(0, TAGS) for _ in range(real)]
        batch["task_b_labels"] += tags + [-100] * (length - real)
    if index == 0:
        batch["task_a_labels"][0] = CLASSES
        longest = lengths.index(max(lengths))
        batch["task_b_labels"][longest * length + 1] = TAGS + 1
    return batch


def losses(model, batch, class_weights=None, smoothing=0.0):
    shaped = lambda key: torch.tensor(batch[key]).view(batch["count"], batch["length"])
    logits_a, logits_b = model(shaped("input_ids"), shaped("attention_mask"))

    def cross_entropy(logits, labels, **options):
        labels = labels.masked_fill(labels >= logits.shape[-1], -100)
        return F.cross_entropy(logits, labels, ignore_index=-100, **options)

    weight = None if class_weights is None else torch.tensor(class_weights)
    loss_a = cross_entropy(logits_a, torch.tensor(batch["task_a_labels"]), weight=weight, label_smoothing=smoothing)
    return loss_a, cross_entropy(logits_b.flatten(0, 1), shaped("task_b_labels").flatten())


def learning_rate(step):
    if step < WARMUP_STEPS:
        return PEAK_RATE * (step + 1) / WARMUP_STEPS
    return PEAK_RATE * 0.5 * (1 + math.cos(math.pi * (step - WARMUP_STEPS) / (STEPS - WARMUP_STEPS)))


def main():
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    generator = torch.Generator().manual_seed(20240)
    model = Model()
    initialise(model, generator)
    batches = [make_batch(index, generator) for index in range(BATCHES)]
    values, tensors = [], []

    def store(kind, pick):
        for name, parameter in model.named_parameters():
            tensors.append(dict(kind=kind, name=name, shape=list(parameter.shape), offset=len(values)))
            values.extend(pick(parameter).flatten().tolist())

    store("initial", lambda p: p.detach())
    first_a, first_b = losses(model, batches[0])
    (GRADIENT_WEIGHTS[0] * first_a + GRADIENT_WEIGHTS[1] * first_b).backward()
    store("gradient", lambda p: p.grad)
    weighted = []
    for smoothing in SMOOTHINGS:
        model.zero_grad()
        loss_a, _ = losses(model, batches[0], CLASS_WEIGHTS, smoothing)
        loss_a.backward()
        classifier = model.classifier["sentence"]
        weighted.append(dict(
            smoothing=smoothing, loss_a=loss_a.item(), bias_gradient=classifier.bias.grad.tolist(),
            weight_gradient=classifier.weight.grad.flatten().tolist()))

    exempt = lambda name: name.endswith("bias") or "LayerNorm" in name
    named = list(model.named_parameters())
    optimizer = torch.optim.AdamW(
        [
            dict(params=[p for n, p in named if not exempt(n)], weight_decay=DECAY),
            dict(params=[p for n, p in named if exempt(n)], weight_decay=0.0),
        ],
        lr=PEAK_RATE, betas=(0.9, 0.999), eps=1e-8,
    )
    steps = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss_a, loss_b = losses(model, batches[step % BATCHES])
        (TRAINING_WEIGHTS[0] * loss_a + TRAINING_WEIGHTS[1] * loss_b).backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step)
        optimizer.step()
        steps.append(dict(
            batch=step % BATCHES, learning_rate=learning_rate(step), loss_a=loss_a.item(), loss_b=loss_b.item(),
            gradient_norm=norm.item()))
    store("final", lambda p: p.detach())

    folder = pathlib.Path(__file__).parent
    (folder / "torch_fixture.bin").write_bytes(struct.pack(f"<{len(values)}f", *values))
    (folder / "torch_fixture.json").write_text(json.dumps(dict(
        torch_version=torch.__version__,
        configuration=dict(
            vocabulary=VOCABULARY, hidden=HIDDEN, layers=LAYERS, heads=HEADS, intermediate=INTERMEDIATE,
            positions=POSITIONS, types=TYPES, layer_norm_epsilon=LAYER_NORM_EPSILON, classes=CLASSES, tags=TAGS),
        batches=batches, first_loss_a=first_a.item(), first_loss_b=first_b.item(),
        class_weights=CLASS_WEIGHTS, weighted=weighted, gradient_weights=GRADIENT_WEIGHTS, training_weights=TRAINING_WEIGHTS, weight_decay=DECAY, clip=CLIP,
        steps=steps, tensors=tensors), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
