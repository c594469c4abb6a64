// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILedger} from "./interfaces/ILedger.sol";
import {LedgerBase} from "./LedgerBase.sol";
import {Signatures} from "./lib/Signatures.sol";

/// @title The song registry
/// @notice Only the artist, or its signature, registers and changes a song; ids cannot be taken by anyone else.
abstract contract LedgerSongs is LedgerBase {
    /// @dev What an artist signs so that somebody else may register the song for them.
    bytes32 private constant REGISTER_TYPEHASH = keccak256(
        "Register(address artist,bytes32 contentHash,uint64 payee,uint128 price,uint8 strategies,uint256 deadline)"
    );

    /// @notice Register the caller's song.
    /// @param contentHash sha2-256 of the uploaded audio.
    /// @param payee Account that is credited.
    /// @param price Gross price of a stream in wei; above 0 where pay per stream is on.
    /// @param strategies Bitmask of strategies.
    /// @return songId keccak256(abi.encode(artist, contentHash)).
    function register(bytes32 contentHash, uint64 payee, uint128 price, uint8 strategies)
        external
        returns (bytes32 songId)
    {
        return _register(msg.sender, contentHash, payee, price, strategies);
    }

    /// @notice Register a song for an artist who signed for it.
    /// @param artist Who owns the song; signer of `Register(...)`, by key or by ERC-1271.
    /// @param contentHash sha2-256 of the uploaded audio.
    /// @param payee Account that is credited.
    /// @param price Gross price of a stream in wei.
    /// @param strategies Bitmask of strategies.
    /// @param deadline Last second the signature counts, Unix time.
    /// @param signature 64 or 65 bytes, or whatever the artist's contract wallet takes.
    function registerFor(
        address artist,
        bytes32 contentHash,
        uint64 payee,
        uint128 price,
        uint8 strategies,
        uint256 deadline,
        bytes calldata signature
    ) external returns (bytes32 songId) {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(REGISTER_TYPEHASH, artist, contentHash, payee, price, strategies, deadline))
        );
        if (!Signatures.isValid(artist, digest, signature)) revert SignatureInvalid(artist);
        return _register(artist, contentHash, payee, price, strategies);
    }

    /// @notice Change the price of a stream. Streams already paid are not touched.
    function setPrice(bytes32 songId, uint128 price) external {
        Terms storage t = _ownTerms(songId);
        if (t.strategies & STREAM != 0 && price == 0) revert PriceMissing();
        t.price = price;
        emit SongUpdated(songId, t.payee, price, t.strategies);
    }

    /// @notice Credit another payee from now on. What was earned stays with the old one.
    function setPayee(bytes32 songId, uint64 payee) external {
        Terms storage t = _ownTerms(songId);
        if (t.locked) revert SongLocked(songId);
        _checkPayee(payee);
        t.payee = payee;
        emit SongUpdated(songId, payee, t.price, t.strategies);
    }

    /// @notice Switch ways of earning on and off. What was sold is honoured all the same.
    function setStrategies(bytes32 songId, uint8 strategies) external {
        Terms storage t = _ownTerms(songId);
        _checkStrategies(strategies, t.price);
        t.strategies = strategies;
        emit SongUpdated(songId, t.payee, t.price, strategies);
    }

    /// @notice Fix who gets paid for this song for ever.
    function lockSplit(bytes32 songId) external {
        Terms storage t = _ownTerms(songId);
        if (t.locked) revert SongLocked(songId);
        t.locked = true;
        emit SplitLocked(songId, t.payee);
    }

    /// @notice Offer a song to another artist, who becomes its owner by `acceptSong`. The zero address withdraws the offer.
    function offerSong(bytes32 songId, address to) external {
        _ownTerms(songId);
        _offeredTo[songId] = to;
        emit SongTransferOffered(songId, msg.sender, to);
    }

    /// @notice Take over a song that was offered to the caller. Its id, payee and price stay.
    function acceptSong(bytes32 songId) external {
        if (_offeredTo[songId] != msg.sender) revert NotOfferedTo(songId, msg.sender);
        address from = _artists[songId];
        delete _offeredTo[songId];
        _artists[songId] = msg.sender;
        emit SongTransferred(songId, from, msg.sender);
    }

    /// @inheritdoc ILedger
    function songIdOf(address artist, bytes32 contentHash) public pure returns (bytes32) {
        return keccak256(abi.encode(artist, contentHash));
    }

    function _register(address artist, bytes32 contentHash, uint64 payee, uint128 price, uint8 strategies)
        private
        returns (bytes32 songId)
    {
        songId = songIdOf(artist, contentHash);
        if (_terms[songId].payee != 0) revert SongExists(songId);
        _checkPayee(payee);
        _checkStrategies(strategies, price);
        _terms[songId] = Terms(payee, price, strategies, false);
        _artists[songId] = artist;
        emit SongRegistered(songId, artist, payee, contentHash, price, strategies);
    }

    function _ownTerms(bytes32 songId) private view returns (Terms storage t) {
        t = _terms[songId];
        if (t.payee == 0) revert UnknownSong(songId);
        if (_artists[songId] != msg.sender) revert NotArtist(songId, msg.sender);
    }

    function _checkStrategies(uint8 strategies, uint128 price) private pure {
        if (strategies > ALL_STRATEGIES) revert UnknownStrategies(strategies);
        if (strategies & STREAM != 0 && price == 0) revert PriceMissing();
    }
}
