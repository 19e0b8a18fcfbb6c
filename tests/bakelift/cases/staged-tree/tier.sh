#!/bin/sh
echo "$TIER"
