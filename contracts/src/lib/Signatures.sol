// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title Who signed a digest
/// @notice ECDSA first, then ERC-1271, so that an account with delegated code (EIP-7702) still signs with its key. 65-byte and
/// 64-byte (ERC-2098) signatures are accepted, high s values are not.
library Signatures {
    /// @dev Gas a contract wallet may use to check a signature, so that one wallet cannot use up a batch.
    uint256 private constant WALLET_GAS = 200_000;
    /// @dev Half the order of secp256k1: of the two s of a signature only the lower one counts, so that none can be written two ways.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

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
    /// @dev What OpenZeppelin's ECDSA does, from the calldata as it came: in a batch of vouchers its detours cost 250 gas each.
    function recover(bytes32 digest, bytes calldata signature) internal view returns (address signer) {
        uint256 length = signature.length;
        // 64 or 65
        if (length | 1 != 65) return address(0);
        uint256 s;
        uint256 v;
        assembly ("memory-safe") {
            s := calldataload(add(signature.offset, 0x20))
            v := byte(0, calldataload(add(signature.offset, 0x40)))
        }
        if (length == 64) {
            unchecked {
                v = 27 + (s >> 255);
            }
            s = s << 1 >> 1;
        }
        if (s > HALF_ORDER) return address(0);
        assembly ("memory-safe") {
            let p := mload(0x40)
            mstore(p, digest)
            mstore(add(p, 0x20), v)
            calldatacopy(add(p, 0x40), signature.offset, 0x20)
            mstore(add(p, 0x60), s)
            // the precompile answers with nothing where there is no such key
            mstore(0, 0)
            pop(staticcall(gas(), 1, p, 0x80, 0, 0x20))
            signer := mload(0)
        }
    }
}
