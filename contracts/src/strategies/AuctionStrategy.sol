// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {StrategyBase} from "./StrategyBase.sol";

/// @title Dutch auctions of passes
/// @notice The price falls in a straight line from start to end and stays there. A pass (ERC-1155, the auction's number is the token's)
/// is the right to hear the song: permanent, transferable, whatever the artist does later. Terms never change; supply only shrinks.
/// Prices are whole gwei (a billionth of FLOW) up to 72,057,594 FLOW, so that all that a purchase needs to know is one word.
contract AuctionStrategy is StrategyBase, ERC1155, IERC2981 {
    /// @notice Bit of this strategy in a song's strategies.
    uint8 public constant STRATEGY = 8;

    /// @notice An auction.
    /// @param songId Song whose passes are sold.
    /// @param startPrice Wei, gross, at the start.
    /// @param endPrice Wei, gross, from the end of the duration on.
    /// @param startsAt Begin of the fall, Unix seconds.
    /// @param duration Seconds of the fall.
    /// @param supply Passes there are.
    /// @param sold Passes sold.
    /// @param perWallet Passes one wallet may get; 0 is no limit.
    /// @param royaltyBps Share of a resale asked for by ERC-2981, basis points; voluntary.
    struct Auction {
        bytes32 songId;
        uint96 startPrice;
        uint96 endPrice;
        uint40 startsAt;
        uint32 duration;
        uint32 supply;
        uint32 sold;
        uint32 perWallet;
        uint16 royaltyBps;
        bool closed;
    }

    /// @dev What buying does not need.
    struct Kept {
        bytes32 songId;
        uint32 perWallet;
        uint16 royaltyBps;
    }

    uint256 private constant GWEI = 1e9;
    /// @dev The newest auction of a song in one word, so that a purchase costs one cold read here: number in bits 0 to 31, start price in
    /// gwei 32 to 87, end price in gwei 88 to 143, start 144 to 177, duration 178 to 205, supply 206 to 229, sold 230 to 253, limit for
    /// each wallet 254, closed 255.
    mapping(bytes32 songId => uint256) private _auctions;
    mapping(uint256 id => Kept) private _kept;
    uint256 private constant SOLD = 230;
    uint256 private constant ONE_SOLD = 1 << SOLD;
    uint256 private constant SUPPLY = 206;
    uint256 private constant LIMITED_BIT = 1 << 254;
    uint256 private constant CLOSED_BIT = 1 << 255;
    uint256 private constant MAX_24 = type(uint24).max;
    uint256 private constant MAX_28 = 2 ** 28 - 1;
    uint256 private constant MAX_34 = 2 ** 34 - 1;
    uint256 private constant MAX_56 = type(uint56).max;
    /// @notice Passes a wallet got in an auction with a limit.
    mapping(uint256 id => mapping(address wallet => uint256)) public boughtBy;
    /// @notice Number of the newest auction.
    uint256 public auctions;

    /// @notice Passes of a song are offered: prices in wei, gross, falling for `duration` seconds from `startsAt` (Unix); royalties in basis points.
    event AuctionCreated(
        uint256 indexed auction,
        bytes32 indexed songId,
        uint96 startPrice,
        uint96 endPrice,
        uint40 startsAt,
        uint32 duration,
        uint32 supply,
        uint32 perWallet,
        uint16 royaltyBps
    );
    /// @notice A pass was bought for `buyer` at `price` wei, gross; `serial` counts from 1.
    event PassBought(uint256 indexed auction, address indexed buyer, uint256 price, uint256 serial);
    /// @notice No more passes are sold; there are `sold` for ever.
    event AuctionClosed(uint256 indexed auction, uint256 sold);

    /// @notice The end price is above 0 and not above the start price; both are whole gwei, at most 72,057,594 FLOW.
    error PricesWrong(uint256 startPrice, uint256 endPrice);
    /// @notice A duration (at most 8 years) and a supply (at most 16,777,215) are needed; a wallet cannot get more than there are;
    /// royalties are at most all.
    error TermsWrong(uint256 duration, uint256 supply, uint256 perWallet, uint256 royaltyBps);
    /// @notice It cannot start in the past, nor after the year 2500.
    error StartsInPast(uint40 startsAt);
    /// @notice The song has an auction; passes were sold or can be bought.
    error AuctionExists(bytes32 songId, uint256 auction);
    /// @notice No auction has this number.
    error UnknownAuction(uint256 auction);
    /// @notice The song has no auction.
    error NoAuction(bytes32 songId);
    /// @notice Passes are sold from this second on, Unix time.
    error NotStarted(uint40 startsAt);
    /// @notice Every pass is sold.
    error SoldOut(uint256 auction);
    /// @notice The auction sells no more passes.
    error Closed(uint256 auction);
    /// @notice A wallet gets at most `limit` passes of this auction.
    error WalletLimit(address wallet, uint256 limit);

    constructor(ILedger ledger_) StrategyBase(ledger_) ERC1155("") {}

    /// @notice Offer passes of the caller's song. One auction a song; another only after it was closed without a sale.
    /// @param songId Song of the caller that earns by auction.
    /// @param startPrice Wei, gross.
    /// @param endPrice Wei, gross; above 0.
    /// @param startsAt Unix seconds; 0 for now.
    /// @param duration Seconds of the fall.
    /// @param supply Passes.
    /// @param perWallet Passes a wallet may get; 0 for no limit.
    /// @param royaltyBps Basis points of a resale.
    /// @return id Number of the auction and of its passes.
    function create(
        bytes32 songId,
        uint96 startPrice,
        uint96 endPrice,
        uint40 startsAt,
        uint32 duration,
        uint32 supply,
        uint32 perWallet,
        uint16 royaltyBps
    ) external returns (uint256 id) {
        _onlyArtist(songId);
        _openFor(songId, STRATEGY);
        if (startsAt == 0) startsAt = uint40(block.timestamp);
        if (startsAt < block.timestamp || startsAt > MAX_34) revert StartsInPast(startsAt);
        uint256 former = _auctions[songId];
        if (former != 0 && (former & CLOSED_BIT == 0 || _sold(former) != 0)) revert AuctionExists(songId, _id(former));
        id = ++auctions;
        _kept[id] = Kept(songId, perWallet, royaltyBps);
        uint256 word = id | _packedPrices(startPrice, endPrice) | uint256(startsAt) << 144;
        if (perWallet != 0) word |= LIMITED_BIT;
        _auctions[songId] = word | _packedTerms(duration, supply, perWallet, royaltyBps);
        emit AuctionCreated(id, songId, startPrice, endPrice, startsAt, duration, supply, perWallet, royaltyBps);
    }

    /// @notice Buy a pass at the price of this moment; exactly that is taken from the caller.
    /// @param songId Song with an auction.
    /// @param to Who gets the pass.
    /// @param maxPrice Most wei the caller is willing to pay.
    /// @return price Wei paid.
    function buy(bytes32 songId, address to, uint256 maxPrice) external returns (uint256 price) {
        return _buy(songId, to, maxPrice, false);
    }

    /// @notice The same, paid out of the caller's purse in the Ledger, where this contract has a session of the caller.
    function buyFromPurse(bytes32 songId, address to, uint256 maxPrice) external returns (uint256 price) {
        return _buy(songId, to, maxPrice, true);
    }

    /// @notice Sell no more passes of the caller's song. What was sold stays.
    function close(uint256 id) external {
        (bytes32 songId, uint256 a) = _known(id);
        _onlyArtist(songId);
        if (a & CLOSED_BIT != 0) revert Closed(id);
        uint256 sold = _sold(a);
        _auctions[songId] = a & ~(MAX_24 << SUPPLY) | sold << SUPPLY | CLOSED_BIT;
        emit AuctionClosed(id, sold);
    }

    /// @notice The terms and the state of an auction; zeros for an unknown one, and for one that was closed unsold and replaced.
    function auction(uint256 id) external view returns (Auction memory found) {
        Kept memory kept = _kept[id];
        uint256 a = _auctions[kept.songId];
        if (id == 0 || _id(a) != id) return found;
        found.songId = kept.songId;
        (found.perWallet, found.royaltyBps) = (kept.perWallet, kept.royaltyBps);
        // forge-lint: disable-start(unsafe-typecast) the fields of the word
        found.startPrice = uint96(_startPrice(a));
        found.endPrice = uint96(_endPrice(a));
        found.startsAt = uint40(_startsAt(a));
        found.duration = uint32(_duration(a));
        found.supply = uint32(_supply(a));
        found.sold = uint32(_sold(a));
        // forge-lint: disable-end(unsafe-typecast)
        found.closed = a & CLOSED_BIT != 0;
    }

    /// @notice The auction of a song, 0 when there is none.
    function auctionOf(bytes32 songId) public view returns (uint256) {
        return _id(_auctions[songId]);
    }

    /// @notice Price in wei at a moment: start - floor((start - end) * elapsed / duration), the end price afterwards.
    /// @param id Auction.
    /// @param time Unix seconds.
    function priceAt(uint256 id, uint256 time) external view returns (uint256) {
        (, uint256 a) = _known(id);
        return _price(a, time);
    }

    /// @notice Whether the listener holds a pass, sold at any time.
    function hasAccess(bytes32 songId, address listener) external view returns (bool) {
        uint256 id = auctionOf(songId);
        return id != 0 && balanceOf(listener, id) != 0;
    }

    /// @notice Price of a pass now, wei, gross.
    function quote(bytes32 songId, address) external view returns (uint256) {
        uint256 a = _auctions[songId];
        if (a == 0) revert NoAuction(songId);
        return _price(a, block.timestamp);
    }

    /// @inheritdoc IERC2981
    function royaltyInfo(uint256 id, uint256 salePrice) external view returns (address receiver, uint256 amount) {
        Kept memory kept = _kept[id];
        return (ledger.song(kept.songId).artist, salePrice * kept.royaltyBps / 10_000);
    }

    /// @notice Interfaces by ERC-165: passes, royalties and what every strategy offers.
    function supportsInterface(bytes4 id) public view override(ERC1155, IERC165) returns (bool) {
        return _isStrategy(id) || id == type(IERC2981).interfaceId || super.supportsInterface(id);
    }

    function _buy(bytes32 songId, address to, uint256 maxPrice, bool fromPurse) private returns (uint256 price) {
        uint256 a = _auctions[songId];
        uint256 id = _id(a);
        if (id == 0) revert NoAuction(songId);
        if (a & CLOSED_BIT != 0) revert Closed(id);
        // forge-lint: disable-next-line(unsafe-typecast) 34 bits
        if (block.timestamp < _startsAt(a)) revert NotStarted(uint40(_startsAt(a)));
        uint256 serial = _sold(a) + 1;
        if (serial > _supply(a)) revert SoldOut(id);
        price = _price(a, block.timestamp);
        if (price > maxPrice) revert CostsMore(price, maxPrice);
        if (a & LIMITED_BIT != 0) _count(id, to);
        unchecked {
            // Below the supply.
            _auctions[songId] = a + ONE_SOLD;
        }
        emit PassBought(id, to, price, serial);
        _charge(songId, msg.sender, price, STRATEGY, fromPurse);
        _mint(to, id, 1, "");
    }

    /// @dev Counts a pass for a wallet in an auction with a limit.
    function _count(uint256 id, address to) private {
        uint256 limit = _kept[id].perWallet;
        if (++boughtBy[id][to] > limit) revert WalletLimit(to, limit);
    }

    function _known(uint256 id) private view returns (bytes32 songId, uint256 a) {
        songId = _kept[id].songId;
        a = _auctions[songId];
        if (id == 0 || _id(a) != id) revert UnknownAuction(id);
    }

    function _price(uint256 a, uint256 time) private pure returns (uint256) {
        uint256 start = _startPrice(a);
        uint256 begins = _startsAt(a);
        if (time <= begins) return start;
        unchecked {
            // Prices below 2^86 wei, times below 2^28 seconds, and the end price is at most the start price.
            uint256 elapsed = time - begins;
            uint256 duration = _duration(a);
            if (elapsed >= duration) return _endPrice(a);
            return start - (start - _endPrice(a)) * elapsed / duration;
        }
    }

    function _packedPrices(uint96 startPrice, uint96 endPrice) private pure returns (uint256) {
        uint256 start = startPrice / GWEI;
        uint256 end = endPrice / GWEI;
        bool whole = start * GWEI == startPrice && end * GWEI == endPrice;
        if (!whole || end == 0 || end > start || start > MAX_56) revert PricesWrong(startPrice, endPrice);
        return start << 32 | end << 88;
    }

    function _packedTerms(uint32 duration, uint32 supply, uint32 perWallet, uint16 royaltyBps)
        private
        pure
        returns (uint256)
    {
        bool fits = duration <= MAX_28 && supply <= MAX_24;
        if (!fits || duration == 0 || supply == 0 || perWallet > supply || royaltyBps > 10_000) {
            revert TermsWrong(duration, supply, perWallet, royaltyBps);
        }
        return uint256(duration) << 178 | uint256(supply) << SUPPLY;
    }

    function _id(uint256 a) private pure returns (uint256) {
        return a & type(uint32).max;
    }

    function _startPrice(uint256 a) private pure returns (uint256) {
        return ((a >> 32) & MAX_56) * GWEI;
    }

    function _endPrice(uint256 a) private pure returns (uint256) {
        return ((a >> 88) & MAX_56) * GWEI;
    }

    function _startsAt(uint256 a) private pure returns (uint256) {
        return (a >> 144) & MAX_34;
    }

    function _duration(uint256 a) private pure returns (uint256) {
        return (a >> 178) & MAX_28;
    }

    function _supply(uint256 a) private pure returns (uint256) {
        return (a >> SUPPLY) & MAX_24;
    }

    function _sold(uint256 a) private pure returns (uint256) {
        return (a >> SOLD) & MAX_24;
    }
}
