"""The sweep: card data in mail that arrived before the gateway was there.

``places`` says what a place is written like and opens it; ``maildir``, ``files`` and ``imap`` are the kinds of
mailboxes; ``journal`` remembers across kills; ``sweep`` goes through a mailbox, and ``scope`` sums up what was found.
"""
