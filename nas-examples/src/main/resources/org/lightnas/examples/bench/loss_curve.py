"""The losses of some SGD steps of the small space's reference network in PyTorch, from given weights on a given batch.

usage: loss_curve.py LAYOUT MOMENTUM FILE...; prints {"losses": [...]} for each. FILE, all little-endian: the length of a header
(int32); the header in JSON, with "tensors" (names and shapes in the order of the network), "input" [H, W, C], "batch",
"steps", "rate"; the tensors (float32; kernels [kH, kW, in, out], depthwise [kH, kW, C, 1]); the images
(float32, [batch, H, W, C]); their labels (int32).
"""
import json
import sys

import torch
import torch.nn as nn

# As in the Java space: in, out, expansion, kernel, stride.
BLOCKS = [(16, 16, 3, 3, 1), (16, 24, 6, 3, 2), (24, 24, 6, 5, 1), (24, 32, 6, 3, 2), (32, 32, 6, 5, 1), (32, 32, 6, 7, 1)]
BATCH_NORM_EPS = 1e-3


def conv_bn(cin, cout, kernel, stride=1, groups=1, act=True):
    conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(cout, BATCH_NORM_EPS), *([nn.ReLU6()] if act else []))


class Block(nn.Module):
    def __init__(self, cin, cout, expand, kernel, stride):
        super().__init__()
        mid = cin * expand
        self.shortcut = cin == cout and stride == 1
        self.body = nn.Sequential(
            conv_bn(cin, mid, 1), conv_bn(mid, mid, kernel, stride, mid), conv_bn(mid, cout, 1, act=False))

    def forward(self, x):
        return x + self.body(x) if self.shortcut else self.body(x)


class Network(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.features = nn.Sequential(conv_bn(channels, 16, 3), *(Block(*b) for b in BLOCKS), conv_bn(32, 128, 1))
        self.classifier = nn.Linear(128, classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def fill(target, value):
    assert target.shape == value.shape, (target.shape, value.shape)
    target.data.copy_(value)


def load(net, tensors):
    """Modules and tensors come in the same order."""
    tensors = iter(tensors)
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            kernel = next(tensors)
            fill(module.weight, kernel.permute(2, 3, 0, 1) if module.groups > 1 else kernel.permute(3, 2, 0, 1))
        elif isinstance(module, nn.BatchNorm2d):
            for target in (module.weight, module.bias, module.running_mean, module.running_var):
                fill(target, next(tensors))
        elif isinstance(module, nn.Linear):
            fill(module.weight, next(tensors).t())
            fill(module.bias, next(tensors))
    assert next(tensors, None) is None, "more tensors than the network has"


def curve(path, layout, momentum):
    data = bytearray(open(path, "rb").read())
    length = int.from_bytes(data[:4], "little")
    header = json.loads(data[4:4 + length])
    position = 4 + length

    def read(shape, dtype=torch.float32):
        nonlocal position
        count = 1
        for size in shape:
            count *= size
        values = torch.frombuffer(data, dtype=dtype, count=count, offset=position).clone().reshape(shape)
        position += 4 * count
        return values

    tensors = [read(t["shape"]) for t in header["tensors"]]
    images = read([header["batch"]] + header["input"]).permute(0, 3, 1, 2)
    labels = read([header["batch"]], torch.int32).long()
    assert position == len(data), "the file is longer than it says"

    net = Network(header["input"][2], tensors[-1].numel())
    load(net, tensors)
    memory = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    net = net.to(memory_format=memory)
    optimizer = torch.optim.SGD(net.parameters(), header["rate"], momentum)
    losses = []
    images = images.contiguous(memory_format=memory)
    for _ in range(header["steps"]):
        loss = nn.functional.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    for name in sys.argv[3:]:
        print(json.dumps({"losses": curve(name, sys.argv[1], float(sys.argv[2]))}), flush=True)
