// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Strategies} from "../utils/Strategies.sol";

/// @notice Whole transactions of the strategies, measured alone.
/// forge-config: default.isolate = true
contract StrategiesGas is Strategies {
    function setUp() public override {
        super.setUp();
        vm.prank(listener);
        ledger.tip(song, 1 ether);
    }

    function test_gas_auctionBuy() public {
        uint256 id = weekly(100, 0);
        allow(other, 200 ether);
        vm.prank(other);
        auction.buy(song, other, 100 ether);
        vm.prank(listener);
        auction.buy(song, listener, 100 ether);
        vm.snapshotGasLastCall("strategies", "auction buy");
    }

    function test_gas_subscribeAndRenew() public {
        uint256 id = planOf(10 ether, 1, true);
        vm.prank(listener);
        patronage.subscribe(song, listener, 1, 10 ether);
        vm.snapshotGasLastCall("strategies", "subscribe");
        skip(30 days);
        vm.prank(listener);
        patronage.renew(song, listener, 10 ether);
        vm.snapshotGasLastCall("strategies", "renew");
    }

    function test_gas_renewMany() public {
        uint256 id = planOf(10 ether, 1, true);
        address[] memory patrons = new address[](48);
        for (uint256 i; i < 48; ++i) {
            patrons[i] = vm.addr(2_000 + i);
            allow(patrons[i], 100 ether);
            vm.prank(patrons[i]);
            patronage.subscribe(song, patrons[i], 1, 10 ether);
        }
        skip(30 days);
        patronage.renewMany(id, patrons);
        uint256 gas = vm.snapshotGasLastCall("strategies", "renewMany, 48 patrons");
        vm.snapshotValue("strategies", "renewMany, 48 patrons, each", gas / 48);
        assertEq(token.balanceOf(patrons[47]), 80 ether);
    }

    function test_gas_giftClaim() public {
        thankful(1_000 ether);
        claim(listener, 10);
        skip(1 days);
        uint48 deadline = uint48(clock + 1 hours);
        bytes memory proof = attest(ATTESTOR_KEY, listener, 20, deadline);
        gift.claimListens(song, listener, 20, deadline, proof);
        vm.snapshotGasLastCall("strategies", "gift claim of 10 listens");
    }
}
