"""Writes muon_fixture.json and muon_fixture.bin: ten steps of PyTorch's Muon on the model of make_torch_fixture.py.

The same start, batches, learning rates and clipping; torch.optim.Muon, with the learning rate matched to AdamW's root
mean square, has the encoder's matrices, torch.optim.AdamW everything else. One thing differs from PyTorch as it comes:
Newton and Schulz's iteration is in float64 instead of bfloat16, whose three digits would hide an error.
  final      every parameter after the ten steps
and in the JSON file the losses each step saw and the gradient norms before clipping.

  pip install "torch==2.15.0"
  python make_muon_fixture.py            # writes beside itself
"""
import json
import pathlib
import struct

import torch
import torch.nn as nn
import torch.optim._muon as muon

import make_torch_fixture as plain


def orthogonalized(gradient, coefficients, steps, epsilon):
    a, b, c = coefficients
    x = gradient.T if gradient.shape[0] > gradient.shape[1] else gradient
    x = x / x.norm().clamp(min=epsilon)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if gradient.shape[0] > gradient.shape[1] else x


def main():
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    muon._zeropower_via_newtonschulz = orthogonalized
    generator = torch.Generator().manual_seed(20240)
    model = plain.Model()
    plain.initialise(model, generator)
    batches = [plain.make_batch(index, generator) for index in range(plain.BATCHES)]
    named = list(model.named_parameters())
    is_matrix = lambda name, p: name.startswith("encoder.") and p.ndim == 2
    exempt = lambda name: name.endswith("bias") or "LayerNorm" in name
    rest = [(n, p) for n, p in named if not is_matrix(n, p)]
    optimizers = [
        torch.optim.Muon(
            [p for n, p in named if is_matrix(n, p)], lr=plain.PEAK_RATE, weight_decay=plain.DECAY,
            adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(
            [
                dict(params=[p for n, p in rest if not exempt(n)], weight_decay=plain.DECAY),
                dict(params=[p for n, p in rest if exempt(n)], weight_decay=0.0),
            ],
            lr=plain.PEAK_RATE, betas=(0.9, 0.999), eps=1e-8),
    ]
    steps = []
    for step in range(plain.STEPS):
        model.zero_grad()
        loss_a, loss_b = plain.losses(model, batches[step % plain.BATCHES])
        (plain.TRAINING_WEIGHTS[0] * loss_a + plain.TRAINING_WEIGHTS[1] * loss_b).backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), plain.CLIP)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = plain.learning_rate(step)
            optimizer.step()
        steps.append(dict(
            batch=step % plain.BATCHES, learning_rate=plain.learning_rate(step), loss_a=loss_a.item(),
            loss_b=loss_b.item(), gradient_norm=norm.item()))

    values, tensors = [], []
    for name, parameter in named:
        tensors.append(dict(kind="final", name=name, shape=list(parameter.shape), offset=len(values)))
        values.extend(parameter.detach().flatten().tolist())
    folder = pathlib.Path(__file__).parent
    (folder / "muon_fixture.bin").write_bytes(struct.pack(f"<{len(values)}f", *values))
    (folder / "muon_fixture.json").write_text(json.dumps(dict(
        torch_version=torch.__version__, steps=steps, tensors=tensors), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
