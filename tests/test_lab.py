"""`make lab` opens JupyterLab with a line to the browser that holds nothing back."""

import subprocess
import sys
from unittest.mock import Mock

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

from helpers.lab import AtOnce


def test_a_message_leaves_at_once(monkeypatch):
    before = Mock()
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: before(self.websocket_handler.mock_calls))
    handler = Mock(spec=KernelWebsocketHandler)
    AtOnce(websocket_handler=handler).connect()
    handler.set_nodelay.assert_called_once_with(True)
    before.assert_called_once()


def test_jupyterlab_is_started_with_it():
    done = subprocess.run([sys.executable, "-m", "helpers.lab", "--show-config-json"], capture_output=True, text=True)
    assert '"kernel_websocket_connection_class": "helpers.lab.AtOnce"' in done.stdout, done.stderr
