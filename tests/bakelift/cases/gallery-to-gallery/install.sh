#!/bin/bash
set -euo pipefail
install -D -m 0644 /tmp/orders.conf /etc/orders/orders.conf
echo "orders $VERSION" >/etc/orders/release
