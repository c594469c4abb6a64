// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Who signed a digest
/// @notice ECDSA first, then ERC-1271, so that an account with delegated code (EIP-7702) still signs with its key. 65-byte and
/// 64-byte (ERC-2098) signatures are accepted, high s values are not.
library Signatures {
    /// @notice Whether `signer` signed `digest`.
    /// @param signer Key holder or contract wallet.
    /// @param digest EIP-712 digest.
    /// @param signature 64 or 65 bytes, or whatever the wallet's ERC-1271 takes.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signer == address(0)) return false;
        if (recover(digest, signature) == signer) return true;
        if (signer.code.length == 0) return false;
        (bool ok, bytes memory answer) =
            signer.staticcall(abi.encodeCall(IERC1271.isValidSignature, (digest, signature)));
        return ok && answer.length >= 32 && abi.decode(answer, (bytes32)) == bytes32(IERC1271.isValidSignature.selector);
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
