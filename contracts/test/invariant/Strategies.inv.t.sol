// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Strategies} from "../utils/Strategies.sol";
import {StrategiesHandler} from "./StrategiesHandler.sol";

/// @notice Invariants 1, 4, 7, 8 and 9 with purses and all strategies, over any sequence of calls.
contract StrategiesInvariants is Strategies {
    StrategiesHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new StrategiesHandler(
            StrategiesHandler.World(
                ledger,
                token,
                credits,
                auction,
                patronage,
                gift,
                owner,
                artist,
                song,
                payee,
                ATTESTOR_KEY,
                domain("Mycelix Ledger", address(ledger)),
                domain("Mycelix Gift", address(gift))
            )
        );
        targetContract(address(handler));
        bytes4[] memory calls = new bytes4[](14);
        calls[0] = StrategiesHandler.pass.selector;
        calls[1] = StrategiesHandler.deposit.selector;
        calls[2] = StrategiesHandler.settle.selector;
        calls[3] = StrategiesHandler.payPrepaid.selector;
        calls[4] = StrategiesHandler.withdraw.selector;
        calls[5] = StrategiesHandler.buy.selector;
        calls[6] = StrategiesHandler.subscribe.selector;
        calls[7] = StrategiesHandler.renewAll.selector;
        calls[8] = StrategiesHandler.consent.selector;
        calls[9] = StrategiesHandler.change.selector;
        calls[10] = StrategiesHandler.fund.selector;
        calls[11] = StrategiesHandler.takeBack.selector;
        calls[12] = StrategiesHandler.listen.selector;
        calls[13] = StrategiesHandler.session.selector;
        targetSelector(address(handler), calls);
    }

    /// `npm run test:long` runs many more.
    function invariant_pursesPassesPatronsAndRewards() public view {
        assertEq(bytes(handler.broken()), "");
        uint256 purses = handler.pursesHeld();
        assertEq(inAccounts(), handler.earned(), "1: accounts are what was paid, to the wei");
        assertEq(token.balanceOf(address(ledger)), purses + inAccounts(), "1: the balance is purses and accounts");
        assertEq(auction.auction(handler.auctionId()).sold, handler.sold(), "7: sold");
        assertEq(handler.passesHeld(), handler.sold(), "7: passes held are passes sold");
        assertLe(handler.sold(), 20, "7: at most the supply");
        assertLe(handler.rewarded() + handler.takenBack(), handler.fundedSum(), "9: paid from what was funded");
        assertEq(
            credits.balanceOf(address(gift)),
            handler.fundedSum() - handler.takenBack() - handler.rewarded(),
            "9: budgets are there"
        );
        assertEq(token.balanceOf(address(auction)) + token.balanceOf(address(patronage)), 0, "strategies hold nothing");
    }

    function domain(string memory name, address where) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                where
            )
        );
    }
}
