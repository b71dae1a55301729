"""PanSentry takes card numbers out of mail before it is delivered, and answers the customer kindly."""
