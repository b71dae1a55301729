"""What stands in a document in place of what was taken out of it: one ASCII sentence, which every format can hold."""

TAKEN_OUT = "PanSentry took this file out because it held payment card data.\r\n"
