"""The peer: the same MultiTaskTransformer, trained by PyTorch on the same data, batch size and threads.

The usual loop: one forward pass for both tasks, loss_a + loss_b, backward, fused AdamW, both accuracies counted in
every batch. Batches are shuffled and padded to their longest row (mode `padded`) or, as good practice has it, drawn from
pools sorted by length (`grouped`). A step's time holds everything a step needs, collation included; warm-up steps
are left out. Prints one JSON object on one line, with the keys of `mtt-tui bench --log-format json` where both have them.

  pip install "torch==2.13.0+cpu"
  python peer_pytorch.py DATA --hidden 128 --layers 2 --heads 4 --intermediate 512 --batching grouped
"""
import argparse
import json
import pathlib
import random
import resource
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

POOL_BATCHES = 50
MAX_LENGTH = 128
IGNORED = -100


def arguments():
    parser = argparse.ArgumentParser(description="Training speed of the PyTorch peer, as one JSON line.")
    add = parser.add_argument
    add("data", type=pathlib.Path, help="folder with train/{seq.in,seq.out,label}")
    add("--hidden", type=int, default=128)
    add("--layers", type=int, default=2)
    add("--heads", type=int, default=4)
    add("--intermediate", type=int, default=512)
    add("--batch-size", type=int, default=32)
    add("--dropout", type=float, default=0.1)
    add("--steps", type=int, default=100, help="timed steps")
    add("--warmup-steps", type=int, default=15)
    add("--threads", type=int, default=2)
    add("--seed", type=int, default=0)
    add("--batching", choices=["padded", "grouped"], default="padded")
    add("--precision", choices=["f32", "bf16"], default="f32", help="bf16: autocast around the forward pass")
    return parser.parse_args()


def read_train(folder):
    """Encoded sentences (ids, class, tags), and how many words, classes and tags there are."""
    columns = [(folder / "train" / name).read_text("utf-8").splitlines() for name in ("seq.in", "seq.out", "label")]
    sentences = [(words.split(), tags.split(), label) for words, tags, label in zip(*columns, strict=True)]
    number = lambda names, first=0: {name: first + index for index, name in enumerate(sorted(names))}
    words = number({word for sentence, _, _ in sentences for word in sentence}, first=4)
    classes = number({label for _, _, label in sentences})
    tags = number({tag for _, row, _ in sentences for tag in row})
    encoded = [
        (
            torch.tensor([2, *(words[word] for word in sentence), 3]),
            classes[label],
            torch.tensor([IGNORED, *(tags[tag] for tag in row), IGNORED]),
        )
        for sentence, row, label in sentences
    ]
    return encoded, len(words) + 4, len(classes), len(tags)


def batches_of(encoded, options):
    """As many batches as the run needs, in the order in which they are trained on."""
    need = options.steps + options.warmup_steps
    rng = random.Random(options.seed)
    batches = []
    while len(batches) < need:
        epoch = rng.sample(encoded, len(encoded))
        if options.batching == "grouped":
            pool = POOL_BATCHES * options.batch_size
            epoch = [row for start in range(0, len(epoch), pool)
                     for row in sorted(epoch[start:start + pool], key=lambda row: len(row[0]))]
        cut = range(0, len(epoch) - options.batch_size + 1, options.batch_size)
        cut = [epoch[start:start + options.batch_size] for start in cut]
        if options.batching == "grouped":
            rng.shuffle(cut)
        batches += cut
    return batches[:need]


def collate(rows):
    ids = pad_sequence([row[0] for row in rows], batch_first=True)
    mask = pad_sequence([torch.ones_like(row[0]) for row in rows], batch_first=True)
    tags = pad_sequence([row[2] for row in rows], batch_first=True, padding_value=IGNORED)
    return ids, mask, torch.tensor([row[1] for row in rows]), tags


class MultiTaskTransformer(nn.Module):
    """BERT's shape: post-LN encoder, absolute positions, a head on [CLS] and a head on every token."""

    def __init__(self, options, vocabulary, classes, tags):
        super().__init__()
        self.words = nn.Embedding(vocabulary, options.hidden)
        self.positions = nn.Embedding(MAX_LENGTH, options.hidden)
        self.norm = nn.LayerNorm(options.hidden)
        self.dropout = nn.Dropout(options.dropout)
        layer = nn.TransformerEncoderLayer(
            options.hidden, options.heads, options.intermediate, options.dropout, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, options.layers, enable_nested_tensor=False)
        self.sentence_head = nn.Linear(options.hidden, classes)
        self.tag_head = nn.Linear(options.hidden, tags)

    def forward(self, ids, mask):
        positions = self.positions.weight[: ids.shape[1]]
        hidden = self.dropout(self.norm(self.words(ids) + positions))
        hidden = self.encoder(hidden, src_key_padding_mask=mask == 0)
        return self.sentence_head(hidden[:, 0]), self.tag_head(hidden)


def train_step(model, optimizer, rows, bf16):
    """Returns both losses' sum, the four counts, real tokens and positions."""
    ids, mask, classes, tags = collate(rows)
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        logits_a, logits_b = model(ids, mask)
    logits_a, logits_b = logits_a.float(), logits_b.float()
    loss = F.cross_entropy(logits_a, classes)
    loss = loss + F.cross_entropy(logits_b.flatten(0, 1), tags.flatten(), ignore_index=IGNORED)
    loss.backward()
    optimizer.step()
    tagged = tags != IGNORED
    correct_a = (logits_a.argmax(1) == classes).sum().item()
    correct_b = ((logits_b.argmax(2) == tags) & tagged).sum().item()
    return loss.item(), correct_a, len(rows), correct_b, tagged.sum().item(), mask.sum().item(), mask.numel()


def main():
    options = arguments()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    encoded, vocabulary, classes, tags = read_train(options.data)
    model = MultiTaskTransformer(options, vocabulary, classes, tags).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01, fused=True)
    seconds, real, positions, loss = [], 0, 0, 0.0
    for index, rows in enumerate(batches_of(encoded, options)):
        start = time.perf_counter()
        loss, *_, batch_real, batch_positions = train_step(model, optimizer, rows, options.precision == "bf16")
        if index >= options.warmup_steps:
            seconds.append(time.perf_counter() - start)
            real += batch_real
            positions += batch_positions
    total = sum(seconds)
    cuts = statistics.quantiles(seconds, n=20)
    print(json.dumps(dict(
        torch_version=torch.__version__, batching=options.batching, precision=options.precision,
        hidden=options.hidden, layers=options.layers, batch_size=options.batch_size, threads=options.threads,
        real_tokens_per_second=real / total, examples_per_second=options.batch_size * len(seconds) / total,
        step_ms_p50=1e3 * statistics.median(seconds), step_ms_p95=1e3 * cuts[18],
        padding_ratio=1 - real / positions, last_loss=loss,
        peak_rss_bytes=1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)))


if __name__ == "__main__":
    main()
