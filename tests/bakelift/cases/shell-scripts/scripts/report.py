#!/usr/bin/env python3
import platform

print(f"{platform.node()}: ✓")
