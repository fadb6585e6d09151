"""Jupyter's line to the browser, on which a picture leaves at once; without NumPy, for each server of a class loads it."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class AtOnce(ZMQChannelsWebsocketConnection):
    """The server's line to the browser, with TCP's habit switched off to hold a small message back.

    Otherwise each message waits until the browser confirms the one before, which a browser with nothing to say does
    after 40 ms: most of the time from a slider to its picture.
    """

    def connect(self):
        """Connect as usual, then send at once what there is to send."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
