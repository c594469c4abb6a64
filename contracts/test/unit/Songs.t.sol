// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ILedger} from "../../src/interfaces/ILedger.sol";
import {IStrategy} from "../../src/interfaces/IStrategy.sol";
import {Fixture} from "../utils/Fixture.sol";

/// @notice The registry: whose song it is, on which terms, and who may change them.
contract SongsTest is Fixture {
    bytes32 private constant NEXT = keccak256("Salt Meridian");

    function test_register_keepsTheTerms() public {
        vm.expectEmit(address(ledger));
        emit ILedger.SongRegistered(keccak256(abi.encode(artist, NEXT)), artist, payee, NEXT, 5, 13);
        vm.prank(artist);
        bytes32 id = ledger.register(NEXT, payee, 5, 13);
        ILedger.Song memory s = ledger.song(id);
        assertEq(s.artist, artist);
        assertEq(s.payee, payee);
        assertEq(s.price, 5);
        assertEq(s.strategies, 13);
        assertFalse(s.locked);
        assertEq(id, ledger.songIdOf(artist, NEXT));
    }

    function test_register_twiceIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.SongExists.selector, song));
        vm.prank(artist);
        ledger.register(CONTENT, payee, PRICE, STREAM);
    }

    function test_register_theSameAudioByAnotherIsAnotherSong() public {
        vm.prank(other);
        bytes32 id = ledger.register(CONTENT, payee, PRICE, STREAM);
        assertTrue(id != song);
        assertEq(ledger.song(song).artist, artist);
    }

    function test_register_needsAPayee() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownPayee.selector, 9));
        vm.prank(artist);
        ledger.register(NEXT, 9, PRICE, STREAM);
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownPayee.selector, 0));
        vm.prank(artist);
        ledger.register(NEXT, 0, PRICE, STREAM);
    }

    function test_register_payPerStreamNeedsAPrice() public {
        vm.expectRevert(ILedger.PriceMissing.selector);
        ledger.register(NEXT, payee, 0, STREAM);
    }

    function test_register_refusesAStrategyThereIsNot() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownStrategies.selector, 16));
        ledger.register(NEXT, payee, PRICE, 16);
    }

    function test_song_unknownHasNoArtist() public view {
        assertEq(ledger.song(NEXT).artist, address(0));
        assertEq(ledger.song(NEXT).payee, 0);
    }

    // --- by signature -------------------------------------------------------------------------------------------------

    function test_registerFor_takesTheArtistsSignature() public {
        vm.prank(other);
        bytes32 id = ledger.registerFor(artist, NEXT, payee, PRICE, STREAM, clock, signature(ARTIST_KEY, digest(clock)));
        assertEq(ledger.song(id).artist, artist);
    }

    function test_registerFor_takesACompactSignature() public {
        bytes32 id = ledger.registerFor(artist, NEXT, payee, PRICE, STREAM, clock, compact(ARTIST_KEY, digest(clock)));
        assertEq(ledger.song(id).artist, artist);
    }

    function test_registerFor_refusesAnothersSignature() public {
        bytes memory bad = signature(LISTENER_KEY, digest(clock));
        vm.expectRevert(abi.encodeWithSelector(ILedger.SignatureInvalid.selector, artist));
        ledger.registerFor(artist, NEXT, payee, PRICE, STREAM, clock, bad);
    }

    function test_registerFor_refusesOtherTermsThanSigned() public {
        bytes memory good = signature(ARTIST_KEY, digest(clock));
        vm.expectRevert(abi.encodeWithSelector(ILedger.SignatureInvalid.selector, artist));
        ledger.registerFor(artist, NEXT, payee, PRICE + 1, STREAM, clock, good);
    }

    function test_registerFor_refusesAfterTheDeadline() public {
        uint256 deadline = clock;
        bytes memory good = signature(ARTIST_KEY, digest(deadline));
        skip(1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.SignatureExpired.selector, deadline));
        ledger.registerFor(artist, NEXT, payee, PRICE, STREAM, deadline, good);
    }

    function test_registerFor_refusesASignatureForAnotherChain() public {
        bytes memory good = signature(ARTIST_KEY, digest(clock));
        vm.chainId(10200);
        vm.expectRevert(abi.encodeWithSelector(ILedger.SignatureInvalid.selector, artist));
        ledger.registerFor(artist, NEXT, payee, PRICE, STREAM, clock, good);
    }

    function test_registerFor_cannotBeReplayed() public {
        bytes memory good = signature(ARTIST_KEY, digest(clock));
        bytes32 id = ledger.registerFor(artist, NEXT, payee, PRICE, STREAM, clock, good);
        vm.expectRevert(abi.encodeWithSelector(ILedger.SongExists.selector, id));
        ledger.registerFor(artist, NEXT, payee, PRICE, STREAM, clock, good);
    }

    function test_registerFor_nobodySignsForTheZeroAddress() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.SignatureInvalid.selector, address(0)));
        ledger.registerFor(address(0), NEXT, payee, PRICE, STREAM, clock, new bytes(65));
    }

    // --- changes ------------------------------------------------------------------------------------------------------

    function test_setPrice_changesIt() public {
        vm.expectEmit(address(ledger));
        emit ILedger.SongUpdated(song, payee, 7, STREAM);
        vm.prank(artist);
        ledger.setPrice(song, 7);
        assertEq(ledger.quote(song, listener), 7);
    }

    function test_setPrice_cannotBeZeroWhileStreamsEarn() public {
        vm.expectRevert(ILedger.PriceMissing.selector);
        vm.prank(artist);
        ledger.setPrice(song, 0);
    }

    function test_setPrice_mayBeZeroOtherwise() public {
        vm.prank(artist);
        ledger.setStrategies(song, 2);
        vm.prank(artist);
        ledger.setPrice(song, 0);
        vm.expectRevert(ILedger.PriceMissing.selector);
        vm.prank(artist);
        ledger.setStrategies(song, 3);
    }

    function test_setPayee_movesFutureMoneyOnly() public {
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
        uint64 second = makePayee(single(other));
        vm.prank(artist);
        ledger.setPayee(song, second);
        vm.prank(listener);
        ledger.payStream(song, 2, 2 * PRICE);
        assertEq(ledger.account(payee).streams, 1);
        assertEq(ledger.account(second).streams, 2);
    }

    function test_setPayee_needsOneThatExists() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownPayee.selector, 5));
        vm.prank(artist);
        ledger.setPayee(song, 5);
    }

    function test_setStrategies_refusesUnknownOnes() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownStrategies.selector, 255));
        vm.prank(artist);
        ledger.setStrategies(song, 255);
    }

    function test_lockSplit_fixesWhoGetsPaidForEver() public {
        vm.expectEmit(address(ledger));
        emit ILedger.SplitLocked(song, payee);
        vm.prank(artist);
        ledger.lockSplit(song);
        uint64 second = makePayee(single(other));
        vm.expectRevert(abi.encodeWithSelector(ILedger.SongLocked.selector, song));
        vm.prank(artist);
        ledger.setPayee(song, second);
        vm.expectRevert(abi.encodeWithSelector(ILedger.SongLocked.selector, song));
        vm.prank(artist);
        ledger.lockSplit(song);
        assertTrue(ledger.song(song).locked);
    }

    function test_lockSplit_survivesATransferAndLeavesThePriceFree() public {
        vm.prank(artist);
        ledger.lockSplit(song);
        hand(other);
        vm.prank(other);
        ledger.setPrice(song, 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.SongLocked.selector, song));
        vm.prank(other);
        ledger.setPayee(song, payee);
    }

    function test_changes_areTheArtistsAlone() public {
        bytes memory no = abi.encodeWithSelector(ILedger.NotArtist.selector, song, other);
        vm.startPrank(other);
        vm.expectRevert(no);
        ledger.setPrice(song, 1);
        vm.expectRevert(no);
        ledger.setPayee(song, payee);
        vm.expectRevert(no);
        ledger.setStrategies(song, 0);
        vm.expectRevert(no);
        ledger.lockSplit(song);
        vm.expectRevert(no);
        ledger.offerSong(song, other);
    }

    function test_changes_ofAnUnknownSongAreRefused() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownSong.selector, NEXT));
        vm.prank(artist);
        ledger.setPrice(NEXT, 1);
    }

    // --- handing over -------------------------------------------------------------------------------------------------

    function test_transfer_takesTwoSteps() public {
        vm.expectEmit(address(ledger));
        emit ILedger.SongTransferOffered(song, artist, other);
        vm.prank(artist);
        ledger.offerSong(song, other);
        assertEq(ledger.song(song).artist, artist);
        assertEq(ledger.offeredTo(song), other);
        vm.expectEmit(address(ledger));
        emit ILedger.SongTransferred(song, artist, other);
        vm.prank(other);
        ledger.acceptSong(song);
        assertEq(ledger.song(song).artist, other);
        assertEq(ledger.song(song).payee, payee);
        assertEq(ledger.offeredTo(song), address(0));
    }

    function test_transfer_onlyByTheOneItWasOfferedTo() public {
        vm.prank(artist);
        ledger.offerSong(song, other);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NotOfferedTo.selector, song, friend));
        vm.prank(friend);
        ledger.acceptSong(song);
    }

    function test_transfer_canBeTakenBack() public {
        vm.startPrank(artist);
        ledger.offerSong(song, other);
        ledger.offerSong(song, address(0));
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(ILedger.NotOfferedTo.selector, song, other));
        vm.prank(other);
        ledger.acceptSong(song);
    }

    function test_transfer_isNotAcceptedTwice() public {
        hand(other);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NotOfferedTo.selector, song, other));
        vm.prank(other);
        ledger.acceptSong(song);
    }

    function test_transfer_theIdStaysTakenForTheFirstArtist() public {
        hand(other);
        vm.expectRevert(abi.encodeWithSelector(ILedger.SongExists.selector, song));
        vm.prank(artist);
        ledger.register(CONTENT, payee, PRICE, STREAM);
    }

    // --- looking ------------------------------------------------------------------------------------------------------

    function test_access_openSongsAreForEveryoneAndPaidStreamsForNobodyForEver() public {
        assertFalse(ledger.hasAccess(song, listener));
        assertFalse(ledger.hasAccess(NEXT, listener));
        vm.prank(artist);
        ledger.setStrategies(song, 0);
        assertTrue(ledger.hasAccess(song, listener));
    }

    function test_quote_isThePriceWhereStreamsEarn() public {
        assertEq(ledger.quote(song, listener), PRICE);
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownSong.selector, NEXT));
        ledger.quote(NEXT, listener);
        vm.prank(artist);
        ledger.setStrategies(song, 2);
        vm.expectRevert(abi.encodeWithSelector(ILedger.StrategyOff.selector, song, 1));
        ledger.quote(song, listener);
    }

    function test_interfaces_areAnnounced() public view {
        assertTrue(ledger.supportsInterface(type(IERC165).interfaceId));
        assertTrue(ledger.supportsInterface(type(IStrategy).interfaceId));
        assertTrue(ledger.supportsInterface(type(ILedger).interfaceId));
        assertFalse(ledger.supportsInterface(0xffffffff));
    }

    function test_domain_isPublished() public view {
        (bytes1 fields, string memory name, string memory version, uint256 chain, address at_,,) = ledger.eip712Domain();
        assertEq(uint8(fields), 0x0f);
        assertEq(bytes(name), bytes("Mycelix Ledger"));
        assertEq(bytes(version), bytes("1"));
        assertEq(chain, block.chainid);
        assertEq(at_, address(ledger));
    }

    function hand(address to) private {
        vm.prank(artist);
        ledger.offerSong(song, to);
        vm.prank(to);
        ledger.acceptSong(song);
    }

    function digest(uint256 deadline) private view returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Mycelix Ledger"),
                keccak256("1"),
                block.chainid,
                address(ledger)
            )
        );
        bytes32 inner = keccak256(
            abi.encode(
                keccak256(
                    "Register(address artist,bytes32 contentHash,uint64 payee,uint128 price,uint8 strategies,uint256 deadline)"
                ),
                artist,
                NEXT,
                payee,
                PRICE,
                STREAM,
                deadline
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, inner));
    }
}
