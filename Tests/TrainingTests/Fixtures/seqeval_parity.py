#!/usr/bin/env python3
"""Writes random tag sequences with seqeval's entity figures, for the test that compares ours with them.

Usage: seqeval_parity.py [sequences] > seqeval.txt          (needs: pip install seqeval)

The committed seqeval.txt holds 2,000 sequences. To compare 100,000:
    python3 seqeval_parity.py 100000 > /tmp/seqeval.txt
    MTT_SEQEVAL=/tmp/seqeval.txt swift test --filter SeqevalTests      (both: make check-seqeval)

Format: blocks of
    scheme S                           IOB2, IOB1, IOBES or BILOU
    gold tags | predicted tags         one sentence a line, tags joined by spaces
    ...
    default micro P R F macro P R F weighted P R F
    strict  micro P R F macro P R F weighted P R F
with the figures over all sentences of the block; `strict` is left out for tags that break the scheme's alphabet.
"""
import random
import sys
import warnings

from seqeval.metrics.sequence_labeling import precision_recall_fscore_support as score
from seqeval.metrics.v1 import precision_recall_fscore_support as strict_score
from seqeval.scheme import BILOU, IOB1, IOB2, IOBES

SCHEMES = {
    "IOB2": (IOB2, "BI"),
    "IOB1": (IOB1, "IB"),
    "IOBES": (IOBES, "BIES"),
    "BILOU": (BILOU, "BILU"),
}
TYPES = ["a", "b", "from-loc"]


def sequence(length, letters, chance):
    tags = []
    for _ in range(length):
        if chance.random() < 0.35:
            tags.append("O")
        elif "U" not in letters and chance.random() < 0.02:
            # No type. Not with BILOU: seqeval's default mode, which does not know L and U, then ends entities that
            # began in another sentence.
            tags.append(chance.choice(letters))
        elif tags and tags[-1] != "O" and chance.random() < 0.6:
            tags.append(chance.choice(letters) + tags[-1][1:])  # most often the type before
        else:
            tags.append(chance.choice(letters) + "-" + chance.choice(TYPES))
    return tags


def figures(function, gold, predicted, **options):
    parts = []
    for average in ("micro", "macro", "weighted"):
        precision, recall, f1, _ = function(gold, predicted, average=average, **options)
        parts.append(f"{average} {precision!r} {recall!r} {f1!r}")
    text = " ".join(parts).replace("np.float64(", "").replace(")", "")
    return "none" if "nan" in text else text  # seqeval has no mean of no types


def main():
    warnings.simplefilter("ignore")
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    chance = random.Random(1)
    written = 0
    while written < total:
        name = list(SCHEMES)[written // 5 % len(SCHEMES)]
        scheme, letters = SCHEMES[name]
        gold, predicted = [], []
        for _ in range(5):
            length = chance.randint(1, 12)
            gold.append(sequence(length, letters, chance))
            # Half of the predictions are gold with a few changes, so that there is something to agree on.
            if chance.random() < 0.5:
                predicted.append(sequence(length, letters, chance))
            else:
                other = sequence(length, letters, chance)
                predicted.append([b if chance.random() < 0.2 else a for a, b in zip(gold[-1], other)])
        written += len(gold)
        print("scheme", name)
        for pair in zip(gold, predicted):
            print(" ".join(pair[0]), "|", " ".join(pair[1]))
        if not any(tag != "O" for tags in gold + predicted for tag in tags):
            print("default none")
            continue
        print("default", figures(score, gold, predicted))
        try:
            print("strict", figures(strict_score, gold, predicted, scheme=scheme))
        except ZeroDivisionError:
            print("strict none")  # not one entity on either side


if __name__ == "__main__":
    main()
