using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Osc.Audit;
using Osc.Controller.Configuration;
using Osc.Model;
using Osc.Store;
using Osc.Store.Access;

namespace Osc.Controller.Identities;

/// <summary>A token that was made, with the secret that is shown this one time.</summary>
public sealed record NewToken(StoredToken Token, TokenSecret Secret);

/// <summary>All tokens: those of the configuration, and those that were made since. What is said to be done is on disk.</summary>
public sealed class TokenRegistry
{
    public static readonly TimeSpan UsualLife = TimeSpan.FromDays(90);

    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(366);

    private readonly IReadOnlyList<Token> configured;
    private readonly AccessStore store;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<string, TokenUse> uses = [];
    private readonly Lock gate = new();
    private ImmutableDictionary<string, LiveToken> live;

    /// <exception cref="StoreException">The store cannot be read.</exception>
    public TokenRegistry(ControllerOptions options, PolicyStore store, TimeProvider time)
    {
        configured = options.Tokens;
        this.store = store.Access;
        this.time = time;
        live = LiveOf(this.store.ReadTokens());
    }

    /// <summary>Who shows a secret. Takes the same time whichever of the configuration's tokens it is, and whether it is one; of made tokens the digest is looked up.</summary>
    /// <param name="address">Where from.</param>
    /// <returns>null: no token that counts has this secret.</returns>
    public CallerIdentity? Find(string secret, string address)
    {
        var digest = TokenSecret.DigestOf(secret);
        Token? found = null;
        foreach (var token in configured)
        {
            // Every token is compared, also after a match.
            found = CryptographicOperations.FixedTimeEquals(token.Sha256.Span, digest) ? token : found;
        }

        if (found is not null)
        {
            return new(found.Name, "token", new(found.Grants));
        }

        var now = time.GetUtcNow();
        if (!Volatile.Read(ref live).TryGetValue(Convert.ToHexString(digest), out var made) || made.Token.Expires <= now)
        {
            return null;
        }

        uses[made.Token.Id] = new(made.Token.Id, now, address);
        return new(made.Token.Name, "storedToken", made.Permissions) { MadeBy = made.Token.MadeBy, Expires = made.Token.Expires };
    }

    /// <summary>All that were made, oldest first, with their last uses.</summary>
    public IReadOnlyList<StoredToken> Read() =>
        [.. store.ReadTokens().Select(t => uses.TryGetValue(t.Id, out var use) ? t with { LastUsed = use.Time, LastAddress = use.Address } : t)];

    public static ValueList<Grant> GrantsOf(StoredToken token) =>
        [.. (JsonSerializer.Deserialize(token.Grants, IdentityJson.Default.GrantTextArray) ?? []).Select(g => g.Read((_, _, _) => { }) ?? throw new InvalidDataException($"the grants of token {token.Id} are not valid"))];

    /// <param name="maker">Makes it.</param>
    /// <param name="origin">For the audit log.</param>
    /// <exception cref="StoreException">Nothing was made.</exception>
    public (MadeToken Outcome, NewToken? Token) Make(string name, IReadOnlyList<Grant> grants, DateTimeOffset expires, CallerIdentity maker, Origin origin)
    {
        var secret = TokenSecret.Create();
        var text = JsonSerializer.Serialize([.. grants.Select(GrantText.Of)], IdentityJson.Default.GrantTextArray);
        var now = time.GetUtcNow();
        var token = new StoredToken(secret.Id, name, text, TokenSecret.DigestOf(secret.Text), now, [maker.ActorName, .. maker.MadeBy], expires);
        lock (gate)
        {
            var outcome = configured.Any(c => c.Name == name) ? MadeToken.NameTaken : store.Make(token, RecordOf(AuditAction.TokenMake, token, origin, now));
            if (outcome != MadeToken.Made)
            {
                return (outcome, null);
            }

            Volatile.Write(ref live, LiveOf(store.ReadTokens()));
            return (outcome, new(token, secret));
        }
    }

    /// <summary>Revokes a token at once.</summary>
    /// <param name="withMade">And every token that was made with it, or with one of those.</param>
    /// <returns>Those that were revoked now.</returns>
    /// <exception cref="StoreException">None was revoked.</exception>
    public IReadOnlyList<StoredToken> Revoke(StoredToken token, bool withMade, Origin origin)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            StoredToken[] revoked = [.. Read().Where(t => t.Revoked is null && (t.Id == token.Id || (withMade && t.MadeBy.Contains(token.Name))))];
            store.Revoke([.. revoked.Select(t => t.Id)], now, origin.Actor, [.. revoked.Select(t => RecordOf(AuditAction.TokenRevoke, t, origin, now))]);
            Volatile.Write(ref live, LiveOf(store.ReadTokens()));
            return revoked;
        }
    }

    /// <summary>Puts last uses on disk.</summary>
    /// <exception cref="StoreException">They are kept, to be written later.</exception>
    public void SaveUses()
    {
        var due = uses.Values.ToArray();
        if (due.Length > 0)
        {
            store.SetUsed(due);
            foreach (var use in due)
            {
                uses.TryRemove(new(use.Id, use));
            }
        }
    }

    /// <summary>A name that the configuration has is the configuration's: what was made under it before does not count.</summary>
    private ImmutableDictionary<string, LiveToken> LiveOf(IReadOnlyList<StoredToken> tokens) => tokens
        .Where(t => t.Revoked is null && configured.All(c => c.Name != t.Name))
        .ToImmutableDictionary(t => Convert.ToHexString(t.Sha256.Span), t => new LiveToken(t, new(GrantsOf(t))));

    private static AuditRecord RecordOf(string action, StoredToken token, Origin origin, DateTimeOffset now) => new()
    {
        Time = now,
        Actor = origin.Actor,
        Address = origin.Address,
        RequestId = origin.RequestId,
        Reason = origin.Reason,
        Action = action,
        Kind = "Token",
        Name = token.Name,
        After = $$"""{"id":"{{token.Id}}","grants":{{token.Grants}},"expires":"{{token.Expires:O}}"}""",
        Outcome = AuditRecord.Ok,
    };

    private sealed record LiveToken(StoredToken Token, Permissions Permissions);
}
