"""Compares WordPiece with Hugging Face's tokenizers.

    python check_wordpiece.py units FILE           every character's units, as the tests write them
    python check_wordpiece.py ids FOLDER FILE      ids by FOLDER/tokenizer.json; FILE has a text and its ids a line

Needs tokenizers.
"""

import sys
import unicodedata


def check_units(path):
    """Lines: code point and units (hexadecimal UTF-8, joined by commas) of "a", the character and "b"."""
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    normalizer, splitter = BertNormalizer(), BertPreTokenizer()
    different = []
    for line in open(path):
        point, _, units = line.rstrip("\n").partition("\t")
        text = "a" + chr(int(point, 16)) + "b"
        expected = [unit for unit, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text))]
        if units != ",".join(unit.encode().hex() for unit in expected):
            different.append((point, expected, [bytes.fromhex(unit).decode() for unit in units.split(",")]))
    print(f"{len(different)} characters differ")
    for point, expected, found in different[:40]:
        print(point, unicodedata.name(chr(int(point, 16)), "?"), ascii(expected), ascii(found))
    assert not different


def check_ids(folder, path):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    lines = open(path, encoding="utf-8").read().split("\n")[:-1]
    for line in lines:
        text, _, ids = line.rpartition("\t")
        expected = tokenizer.encode(text).ids
        assert expected == [int(i) for i in ids.split()], (text, expected, ids)
    print(f"ids of {len(lines)} texts are equal")


def main():
    what, *paths = sys.argv[1:]
    if what == "units":
        check_units(*paths)
    else:
        check_ids(*paths)


if __name__ == "__main__":
    main()
