"""The contract TimelockController. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from collections.abc import Sequence

from mycelix_studio.chain.binding import Contract, View
from mycelix_studio.domain.transaction import Call


class TimelockController(Contract):
    """TimelockController at an address. Amounts are wei."""

    NAME = "TimelockController"

    def canceller_role(self) -> View[str]:
        """Read ``CANCELLER_ROLE()``."""
        return self._view("CANCELLER_ROLE()")

    def default_admin_role(self) -> View[str]:
        """Read ``DEFAULT_ADMIN_ROLE()``."""
        return self._view("DEFAULT_ADMIN_ROLE()")

    def executor_role(self) -> View[str]:
        """Read ``EXECUTOR_ROLE()``."""
        return self._view("EXECUTOR_ROLE()")

    def proposer_role(self) -> View[str]:
        """Read ``PROPOSER_ROLE()``."""
        return self._view("PROPOSER_ROLE()")

    def cancel(self, id: str) -> Call:
        """Call ``cancel(bytes32)``."""
        return self._call("cancel(bytes32)", id)

    def execute(
        self, target: str, value: int, payload: bytes, predecessor: str, salt: str, sent_value: int = 0
    ) -> Call:
        """Call ``execute(address,uint256,bytes,bytes32,bytes32)``."""
        return self._call(
            "execute(address,uint256,bytes,bytes32,bytes32)",
            target,
            value,
            payload,
            predecessor,
            salt,
            value=sent_value,
        )

    def execute_batch(
        self,
        targets: Sequence[str],
        values: Sequence[int],
        payloads: Sequence[bytes],
        predecessor: str,
        salt: str,
        value: int = 0,
    ) -> Call:
        """Call ``executeBatch(address[],uint256[],bytes[],bytes32,bytes32)``."""
        return self._call(
            "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)",
            targets,
            values,
            payloads,
            predecessor,
            salt,
            value=value,
        )

    def get_min_delay(self) -> View[int]:
        """Read ``getMinDelay()``."""
        return self._view("getMinDelay()")

    def get_operation_state(self, id: str) -> View[int]:
        """Read ``getOperationState(bytes32)``."""
        return self._view("getOperationState(bytes32)", id)

    def get_role_admin(self, role: str) -> View[str]:
        """Read ``getRoleAdmin(bytes32)``."""
        return self._view("getRoleAdmin(bytes32)", role)

    def get_timestamp(self, id: str) -> View[int]:
        """Read ``getTimestamp(bytes32)``."""
        return self._view("getTimestamp(bytes32)", id)

    def grant_role(self, role: str, account: str) -> Call:
        """Call ``grantRole(bytes32,address)``."""
        return self._call("grantRole(bytes32,address)", role, account)

    def has_role(self, role: str, account: str) -> View[bool]:
        """Read ``hasRole(bytes32,address)``."""
        return self._view("hasRole(bytes32,address)", role, account)

    def hash_operation(self, target: str, value: int, data: bytes, predecessor: str, salt: str) -> View[str]:
        """Read ``hashOperation(address,uint256,bytes,bytes32,bytes32)``."""
        return self._view(
            "hashOperation(address,uint256,bytes,bytes32,bytes32)", target, value, data, predecessor, salt
        )

    def hash_operation_batch(
        self, targets: Sequence[str], values: Sequence[int], payloads: Sequence[bytes], predecessor: str, salt: str
    ) -> View[str]:
        """Read ``hashOperationBatch(address[],uint256[],bytes[],bytes32,bytes32)``."""
        return self._view(
            "hashOperationBatch(address[],uint256[],bytes[],bytes32,bytes32)",
            targets,
            values,
            payloads,
            predecessor,
            salt,
        )

    def is_operation(self, id: str) -> View[bool]:
        """Read ``isOperation(bytes32)``."""
        return self._view("isOperation(bytes32)", id)

    def is_operation_done(self, id: str) -> View[bool]:
        """Read ``isOperationDone(bytes32)``."""
        return self._view("isOperationDone(bytes32)", id)

    def is_operation_pending(self, id: str) -> View[bool]:
        """Read ``isOperationPending(bytes32)``."""
        return self._view("isOperationPending(bytes32)", id)

    def is_operation_ready(self, id: str) -> View[bool]:
        """Read ``isOperationReady(bytes32)``."""
        return self._view("isOperationReady(bytes32)", id)

    def on_erc1155_batch_received(
        self, arg0: str, arg1: str, arg2: Sequence[int], arg3: Sequence[int], arg4: bytes
    ) -> Call:
        """Call ``onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)``."""
        return self._call(
            "onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)", arg0, arg1, arg2, arg3, arg4
        )

    def on_erc1155_received(self, arg0: str, arg1: str, arg2: int, arg3: int, arg4: bytes) -> Call:
        """Call ``onERC1155Received(address,address,uint256,uint256,bytes)``."""
        return self._call("onERC1155Received(address,address,uint256,uint256,bytes)", arg0, arg1, arg2, arg3, arg4)

    def on_erc721_received(self, arg0: str, arg1: str, arg2: int, arg3: bytes) -> Call:
        """Call ``onERC721Received(address,address,uint256,bytes)``."""
        return self._call("onERC721Received(address,address,uint256,bytes)", arg0, arg1, arg2, arg3)

    def renounce_role(self, role: str, caller_confirmation: str) -> Call:
        """Call ``renounceRole(bytes32,address)``."""
        return self._call("renounceRole(bytes32,address)", role, caller_confirmation)

    def revoke_role(self, role: str, account: str) -> Call:
        """Call ``revokeRole(bytes32,address)``."""
        return self._call("revokeRole(bytes32,address)", role, account)

    def schedule(self, target: str, value: int, data: bytes, predecessor: str, salt: str, delay: int) -> Call:
        """Call ``schedule(address,uint256,bytes,bytes32,bytes32,uint256)``."""
        return self._call(
            "schedule(address,uint256,bytes,bytes32,bytes32,uint256)", target, value, data, predecessor, salt, delay
        )

    def schedule_batch(
        self,
        targets: Sequence[str],
        values: Sequence[int],
        payloads: Sequence[bytes],
        predecessor: str,
        salt: str,
        delay: int,
    ) -> Call:
        """Call ``scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)``."""
        return self._call(
            "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)",
            targets,
            values,
            payloads,
            predecessor,
            salt,
            delay,
        )

    def supports_interface(self, interface_id: str) -> View[bool]:
        """Read ``supportsInterface(bytes4)``."""
        return self._view("supportsInterface(bytes4)", interface_id)

    def update_delay(self, new_delay: int) -> Call:
        """Call ``updateDelay(uint256)``."""
        return self._call("updateDelay(uint256)", new_delay)
