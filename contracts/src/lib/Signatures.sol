// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Who signed a digest
/// @notice ECDSA first, then ERC-1271, so that an account with delegated code (EIP-7702) still signs with its key. 65-byte and
/// 64-byte (ERC-2098) signatures are accepted, high s values are not.
library Signatures {
    /// @dev Gas a contract wallet may use to check a signature, so that one wallet cannot use up a batch.
    uint256 private constant WALLET_GAS = 200_000;

    /// @notice Whether `signer` signed `digest`.
    /// @param signer Key holder or contract wallet.
    /// @param digest EIP-712 digest.
    /// @param signature 64 or 65 bytes, or whatever the wallet's ERC-1271 takes.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signer == address(0)) return false;
        return recover(digest, signature) == signer || isValidContract(signer, digest, signature);
    }

    /// @notice Whether a contract wallet says that it signed `digest`; false for an account without code, and for one that reverts.
    function isValidContract(address wallet, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (wallet.code.length == 0) return false;
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bool ok;
        bytes32 answer;
        // Only one word of the answer is read, however long it is.
        assembly ("memory-safe") {
            ok := staticcall(WALLET_GAS, wallet, add(question, 0x20), mload(question), 0, 0x20)
            ok := and(ok, gt(returndatasize(), 0x1f))
            answer := mload(0)
        }
        return ok && answer == bytes32(IERC1271.isValidSignature.selector);
    }

    /// @notice The key that signed `digest`, or zero when the signature is not a valid ECDSA one.
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address signer) {
        if (signature.length == 65) {
            (signer,,) = ECDSA.tryRecoverCalldata(digest, signature);
        } else if (signature.length == 64) {
            (signer,,) = ECDSA.tryRecover(digest, bytes32(signature[0:32]), bytes32(signature[32:64]));
        }
    }
}
