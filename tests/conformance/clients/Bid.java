import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import zhepai.ApiClient;
import zhepai.ApiException;
import zhepai.api.*;
import zhepai.model.*;

/** A full bid, by the generated client alone: apply, qualify, pay, wait, bid, read it back. */
class Bid {
    static String base;

    static void sure(boolean holds, Object told) {
        if (!holds) throw new AssertionError(told);
    }

    static String key() {
        return UUID.randomUUID().toString();
    }

    /** The amount, which is decimal text and never a number. */
    static String text(Money money) {
        String amount = money.getAmount();
        sure(amount.matches("[0-9]+\\.[0-9]{2}") && money.getCurrency() == Currency.CNY, money);
        return amount;
    }

    static ApiClient market(String token) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(base);
        client.setRequestInterceptor(request -> {
            request.header("Accept-Language", "en");
            if (token != null) request.header("Authorization", "Bearer " + token);
        });
        return client;
    }

    static ApiClient enter(Credentials credentials) throws ApiException {
        return market(new AccountsApi(market(null)).signIn(credentials).getAccessToken());
    }

    static ApiClient buyer() throws ApiException {
        return enter(new Credentials().email("you@demo.example").password("zhepai-demo-owner"));
    }

    static String code(byte[] secret, long step) throws Exception {
        Mac hmac = Mac.getInstance("HmacSHA1");
        hmac.init(new SecretKeySpec(secret, "HmacSHA1"));
        byte[] mac = hmac.doFinal(ByteBuffer.allocate(8).putLong(step).array());
        return "%06d".formatted((ByteBuffer.wrap(mac).getInt(mac[19] & 15) & 0x7fffffff) % 1_000_000);
    }

    static ApiClient officer(String email) throws Exception {
        String password = "zhepai-sandbox-only";
        byte[] said = "zhepai-sandbox/%s/%s".formatted(email, password).getBytes(StandardCharsets.UTF_8);
        byte[] secret = Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(said), 20);
        long now = Instant.now().getEpochSecond() / 30;
        Credentials credentials = new Credentials().email(email).password(password);
        // A code counts once, and the demo has just used one; the next is taken early.
        try {
            return enter(credentials.code(code(secret, now)));
        } catch (ApiException used) {
            return enter(credentials.code(code(secret, now + 1)));
        }
    }

    public static void main(String[] arguments) throws Exception {
        base = arguments[0];
        // The demo has one lot that runs. Whoever wants to see all of a bid takes one that may be applied for, where a
        // second bidder is admitted already: with fewer it would not open.
        ApiClient reviewer = officer("reviewer@sandbox.example");
        ApiClient you = buyer();
        LotsApi lots = new LotsApi(you);
        UUID running = lots.listLots(LotState.OPEN_FREE, null, null).getItems().get(0).getId();
        text(lots.readLot(running).getNextPrice());
        LotSummary found = null;
        for (LotSummary lot : lots.listLots(LotState.SCHEDULED, null, null).getItems()) {
            var others = new AdmissionsApi(reviewer).listLotAdmissions(lot.getId(), AdmissionState.ADMITTED, null, null);
            if (!others.getItems().isEmpty()) {
                found = lot;
                break;
            }
        }
        sure(found != null, "no lot has a bidder yet");
        UUID id = found.getId();

        AdmissionView applied = new AdmissionsApi(you).applyForLot(id, key(), new NewAdmission());
        sure(applied.getState() == AdmissionState.APPLIED, applied);
        AdmissionDeposit deposit = new AdmissionsApi(reviewer).qualifyAdmission(applied.getId(), key(), null).getDeposit();
        text(deposit.getAmount());
        SimulatedCredit credit = new SimulatedCredit().depositReference(deposit.getReference()).amount(deposit.getAmount());
        AdmissionView admitted = new SandboxApi(you).simulateBankCredit(key(), credit);
        sure(admitted.getId().equals(applied.getId()) && admitted.getState() == AdmissionState.ADMITTED, admitted);
        sure(admitted.getDeposit().getReceived(), admitted);

        ApiClient clock = officer("security-admin@sandbox.example");
        new SandboxApi(clock).setSandboxClock(new ClockSetting().to(found.getOpensAt().plusSeconds(1)));
        you = buyer(); // The token was for fifteen minutes.
        lots = new LotsApi(you);
        LotView opened = lots.readLot(id);
        sure(opened.getState() == LotState.OPEN_FREE && opened.getBidCount() == 0, opened);
        Money least = opened.getNextPrice();
        sure(text(least).equals(text(found.getStartPrice())), least);

        Problem problem = null;
        try {
            lots.placeBid(id, key(), new NewBid().price(new Money().amount("1.00").currency(Currency.CNY)), null, null);
        } catch (ApiException refused) {
            sure(refused.getCode() == 422, refused);
            problem = ApiClient.createDefaultObjectMapper().readValue(refused.getResponseBody(), Problem.class);
        }
        sure(problem != null && problem.getStatus() == 422 && problem.getCode().toString().equals("too_low"), problem);
        sure(text(problem.getAtLeast()).equals(text(least)), problem);

        String own = key();
        NewBid bid = new NewBid().price(least);
        var placed = lots.placeBidWithHttpInfo(id, own, bid, null, null);
        BidReceipt receipt = placed.getData();
        sure(placed.getStatusCode() == 201 && receipt.getPrice().equals(least), receipt);
        sure(receipt.getBidder().equals(admitted.getPseudonym()), receipt);
        sure(lots.placeBid(id, own, bid, null, null).equals(receipt), "the same key gave another receipt");

        BidView seen = lots.listBids(id, null, null).getItems().get(0);
        sure(seen.getSeq().equals(receipt.getSeq()) && seen.getBidder().equals(receipt.getBidder()), seen);
        sure(text(seen.getPrice()).equals(text(least)), seen);
        LotView after = lots.readLot(id);
        sure(Objects.equals(after.getLeader(), receipt.getBidder()) && after.getPrice().equals(least), after);
        sure(after.getBidCount() == 1 && after.getLogHash().equals(receipt.getLogHash()), after);
        System.out.printf("Java: a bid of %s counts, one of 1.00 was told at least %s%n", text(seen.getPrice()), text(least));
    }
}
