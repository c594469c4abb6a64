// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILedger} from "../../src/interfaces/ILedger.sol";
import {GiftEconomyStrategy} from "../../src/strategies/GiftEconomyStrategy.sol";
import {PatronageStrategy} from "../../src/strategies/PatronageStrategy.sol";
import {PatronageBase} from "../../src/strategies/PatronageBase.sol";
import {Strategies} from "../utils/Strategies.sol";

/// @notice The contracts' arithmetic against that of the program (mycelix_studio/domain), over the same examples.
contract VectorsTest is Strategies {
    string private json;

    function setUp() public override {
        super.setUp();
        json = vm.readFile("../tests/fixtures/vectors/contracts.json");
    }

    function test_vectors_auctionPrices() public {
        uint256[] memory start = column("auctions.start");
        uint256[] memory end = column("auctions.end");
        uint256[] memory duration = column("auctions.duration");
        uint256[] memory elapsed = column("auctions.elapsed");
        uint256[] memory price = column("auctions.price");
        assertGt(price.length, 100);
        for (uint256 i; i < price.length; ++i) {
            vm.startPrank(artist);
            bytes32 s = ledger.register(bytes32(i + 1), payee, 0, 8);
            uint256 id = auction.create(s, uint96(start[i]), uint96(end[i]), 0, uint32(duration[i]), 1, 0, 0);
            vm.stopPrank();
            assertEq(auction.priceAt(id, clock + elapsed[i]), price[i]);
        }
    }

    function test_vectors_tiers() public view {
        uint256[] memory paid = column("tiers.paid");
        uint256[] memory tier = column("tiers.tier");
        for (uint256 i; i < paid.length; ++i) {
            assertEq(patronage.tierOf(paid[i]), tier[i]);
        }
    }

    /// A patron who pays every period when it is due is charged what the program says.
    function test_vectors_chargesOfThePresets() public {
        uint256[] memory price = column("charges.price");
        uint256[] memory minimum = column("charges.minimum");
        uint256[] memory period = column("charges.period");
        uint256[] memory first = column("charges.first");
        uint256[] memory charge = column("charges.charge");
        bytes32 s;
        for (uint256 i; i < price.length; ++i) {
            if (period[i] == 0) {
                s = preset(i, uint96(price[i]), uint8(minimum[i]));
                uint256 had = token.balanceOf(listener);
                vm.prank(listener);
                patronage.subscribe(s, listener, minimum[i], first[i]);
                assertEq(had - token.balanceOf(listener), first[i]);
                skip(minimum[i] * 30 days);
            } else if (period[i] >= minimum[i]) {
                uint256 had = token.balanceOf(listener);
                vm.prank(other);
                patronage.renew(s, listener, type(uint256).max);
                assertEq(had - token.balanceOf(listener), charge[i]);
                skip(30 days);
            }
        }
    }

    function test_vectors_renewals() public {
        uint256[] memory late = column("renewals.late");
        uint256[] memory start = column("renewals.start");
        uint256[] memory end = column("renewals.end");
        uint256 id = planOf(1, 1, true);
        for (uint256 i; i < late.length; ++i) {
            address patron = vm.addr(500 + i);
            allow(patron, 10);
            uint256 zero = clock;
            vm.prank(patron);
            patronage.subscribe(song, patron, 1, 1);
            skip(30 days + late[i]);
            vm.prank(patron);
            patronage.renew(song, patron, 1);
            PatronageBase.Subscription memory s = patronage.subscription(id, patron);
            assertEq(s.start - zero, start[i]);
            assertEq(s.paidThrough - zero, end[i]);
        }
    }

    function test_vectors_giftRewards() public view {
        uint256[] memory before = column("gifts.before");
        uint256[] memory listens = column("gifts.listens");
        uint256[] memory early = column("gifts.early");
        uint256[] memory paid = column("gifts.paidToday");
        uint256[] memory reward = column("gifts.reward");
        for (uint256 i; i < reward.length; ++i) {
            assertEq(
                gift.rewardFor(giftTerms(i), uint64(before[i]), uint64(listens[i]), early[i] == 1, paid[i]), reward[i]
            );
        }
    }

    function test_vectors_splits() public {
        uint256[] memory gross = column("splits.gross");
        uint256[] memory fee = column("splits.fee");
        uint256[][4] memory bps;
        uint256[][4] memory part;
        for (uint256 k; k < 4; ++k) {
            bps[k] = column(string.concat("splits.bps", vm.toString(k)));
            part[k] = column(string.concat("splits.part", vm.toString(k)));
        }
        for (uint256 i; i < gross.length; ++i) {
            ILedger.Split memory split = many(4);
            for (uint256 k; k < 4; ++k) {
                split.bps[k] = uint16(bps[k][i]);
                split.to[k] = address(uint160(0x10000 + i * 4 + k));
            }
            uint64 p = makePayee(split);
            vm.prank(artist);
            ledger.setPayee(song, p);
            give(listener, gross[i]);
            vm.prank(listener);
            ledger.tip(song, gross[i]);
            assertEq(ledger.account(p).fee, fee[i]);
            ledger.distribute(p, split, false);
            for (uint256 k; k < 4; ++k) {
                assertEq(ledger.claimable(split.to[k]), part[k][i]);
            }
        }
    }

    function test_vectors_voucherTotals() public {
        uint256[] memory amount = column("vouchers.amount");
        uint256[] memory net = column("vouchers.net");
        bytes memory items;
        uint256 total;
        for (uint256 i; i < amount.length; ++i) {
            items = bytes.concat(items, item(makePayee(single(other)), 1, uint96(amount[i])));
            total += amount[i];
        }
        fill(listener, total);
        settleOne(signed(LISTENER_KEY, voucher(listener, 1, uint96(total), items)));
        for (uint256 i; i < amount.length; ++i) {
            assertEq(ledger.account(uint64(i + 2)).balance, net[i]);
        }
        assertEq(ledger.purse(listener).balance, 0);
    }

    function column(string memory name) private view returns (uint256[] memory) {
        return vm.parseJsonUintArray(json, string.concat(".", name));
    }

    function preset(uint256 i, uint96 price, uint8 minimum) private returns (bytes32 s) {
        uint16[4] memory tiers;
        for (uint256 k; k < 4; ++k) {
            tiers[k] = uint16(column(string.concat("charges.tier", vm.toString(k)))[i]);
        }
        vm.startPrank(artist);
        s = ledger.register(bytes32(i + 1), payee, 0, 4);
        patronage.createPlan(s, price, minimum, tiers, false);
        vm.stopPrank();
    }

    function giftTerms(uint256 i) private view returns (GiftEconomyStrategy.Gift memory t) {
        t.perListen = uint96(column("gifts.perListen")[i]);
        t.earlyBonus = uint96(column("gifts.earlyBonus")[i]);
        t.repeatMultiplier = uint8(column("gifts.multiplier")[i]);
        t.dailyCap = uint96(column("gifts.dailyCap")[i]);
    }
}
