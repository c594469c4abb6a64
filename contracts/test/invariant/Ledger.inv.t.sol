// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Fixture} from "../utils/Fixture.sol";
import {BlockToken} from "../utils/Tokens.sol";
import {Handler} from "./Handler.sol";

/// @notice Invariants 1, 2, 3, 5, 6 and 10 of the Ledger over any sequence of calls; the token refuses some recipients on the way.
contract LedgerInvariants is Fixture {
    Handler private handler;
    BlockToken private money;

    function setUp() public override {
        super.setUp();
        money = new BlockToken();
        ledger = makeLedger(address(money), address(policy));
        handler = new Handler(ledger, money, policy, owner);
        targetContract(address(handler));
        bytes4[] memory calls = new bytes4[](11);
        calls[0] = Handler.newPayee.selector;
        calls[1] = Handler.newSong.selector;
        calls[2] = Handler.payStream.selector;
        calls[3] = Handler.tip.selector;
        calls[4] = Handler.donate.selector;
        calls[5] = Handler.distribute.selector;
        calls[6] = Handler.claim.selector;
        calls[7] = Handler.block_.selector;
        calls[8] = Handler.change.selector;
        calls[9] = Handler.transfer.selector;
        calls[10] = Handler.trespass.selector;
        targetSelector(address(handler), calls);
        bytes4[] memory govern = new bytes4[](1);
        govern[0] = Handler.govern.selector;
        targetSelector(address(handler), govern);
    }

    /// One run checks all: each run's calls are the costly part.
    function invariant_moneyAndRights() public view {
        assertEq(
            money.balanceOf(address(ledger)), handler.owed() + handler.donated(), "1: balance is what is owed and gifts"
        );
        assertEq(handler.dust(), 0, "2: a distribution pays exactly its net");
        assertEq(handler.lost(), 0, "3, 6: only a distribution lowers an account, and no fee rises");
        assertEq(handler.trespasses(), 0, "5: only the artist changes a song");
        assertEq(handler.stopped(), 0, "10: nobody who rejects tokens stops a distribution");
        for (uint256 i; i < handler.songCount(); ++i) {
            bytes32 id = handler.songs(i);
            assertEq(ledger.song(id).artist, handler.artistOf(id));
        }
    }
}
