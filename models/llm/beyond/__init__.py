"""A model beyond the device, on the wearer's own network. Off unless the wearer turns it on.

`fallback.Beyond` stands in front of the local model and answers as it does: from a `remote.Remote` where one
answers in time, from the local model where none does. Routing and arguments never leave the device.
"""
