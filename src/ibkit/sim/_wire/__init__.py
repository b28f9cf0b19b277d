"""The codec: frames, fields, messages and tables. Bytes in, frozen messages out, and back."""
