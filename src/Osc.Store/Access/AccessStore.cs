using Dapper;
using Osc.Audit;
using Osc.Model;
using Osc.Store.AuditLog;
using Osc.Store.Files;

namespace Osc.Store.Access;

/// <summary>What the store keeps of who may come in: tokens, and where identities were seen. Each change stands with its audit record in one transaction.</summary>
public sealed class AccessStore
{
    /// <summary>Tokens that are not revoked.</summary>
    public const int MaxTokens = 10_000;

    private readonly Database database;

    internal AccessStore(Database database) => this.database = database;

    /// <summary>All tokens, also those that are revoked or expired, oldest first.</summary>
    public IReadOnlyList<StoredToken> ReadTokens() => database.Read(TokenTable.Read);

    public MadeToken Make(StoredToken token, AuditRecord record) => database.Write(connection =>
    {
        if (TokenTable.IsTaken(connection, token.Name))
        {
            return MadeToken.NameTaken;
        }

        if (TokenTable.CountLive(connection) >= MaxTokens)
        {
            return MadeToken.TooMany;
        }

        TokenTable.Insert(connection, token);
        AuditTable.Append(connection, [record]);
        return MadeToken.Made;
    });

    /// <summary>Revokes tokens; one that is revoked already stays as it is.</summary>
    /// <param name="records">One for each.</param>
    public void Revoke(IReadOnlyList<string> ids, DateTimeOffset time, string by, IReadOnlyList<AuditRecord> records) => database.Write(connection =>
    {
        foreach (var id in ids)
        {
            TokenTable.Revoke(connection, id, time, by);
        }

        return AuditTable.Append(connection, records);
    });

    public void SetUsed(IReadOnlyList<TokenUse> uses) => database.Write(connection =>
    {
        TokenTable.SetUsed(connection, uses);
        return true;
    });

    /// <summary>Notes where an identity was seen.</summary>
    /// <param name="record">Is written if it was never seen there before.</param>
    /// <returns>Whether that is so.</returns>
    public bool NoteAddress(string identity, string address, DateTimeOffset time, AuditRecord record) => database.Write(connection =>
    {
        var isNew = connection.Execute(
            "insert or ignore into identity_address (identity, address, first_seen) values (@identity, @address, @time)", new { identity, address, time = StoredTime.From(time) }) > 0;
        if (isNew)
        {
            AuditTable.Append(connection, [record]);
        }

        return isNew;
    });

    /// <summary>What a repeatable request was answered within the last day; null: nothing.</summary>
    public StoredAnswer? FindAnswer(string identity, string key, DateTimeOffset now) => database.Read(c => AnswerTable.Find(c, identity, key, now));

    /// <summary>Keeps the answer to a repeatable request that changed nothing; what changes something is kept with the commit.</summary>
    public void KeepAnswer(StoredAnswer answer, DateTimeOffset now) => database.Write(connection =>
    {
        AnswerTable.Insert(connection, answer, now);
        return true;
    });

    /// <summary>Makes a code good by which a host's agent may enrol, in place of an earlier one.</summary>
    /// <param name="sha256">The code's hash.</param>
    public void PutEnrolment(Name host, byte[] sha256, DateTimeOffset expires, AuditRecord record) => database.Write(connection =>
    {
        EnrolmentTable.Put(connection, host, sha256, expires);
        return AuditTable.Append(connection, [record]);
    });

    /// <summary>Uses a code up.</summary>
    /// <param name="key">The hash of the key that is certified for it.</param>
    /// <param name="record">Is written if the code was good.</param>
    /// <returns>Whether it was.</returns>
    public bool TakeEnrolment(Name host, byte[] sha256, byte[] key, DateTimeOffset now, AuditRecord record) => database.Write(connection =>
    {
        var isGood = EnrolmentTable.Take(connection, host, sha256, now);
        if (isGood)
        {
            EnrolmentTable.PutKey(connection, host, key, now);
            AuditTable.Append(connection, [record]);
        }

        return isGood;
    });

    /// <summary>Notes that the certificate of a host's agent was signed again, for the key that it enrolled with.</summary>
    /// <param name="key">The key's hash.</param>
    /// <param name="atLeast">How long ago it has to have been signed last.</param>
    /// <param name="record">Is written if so.</param>
    /// <returns>Whether it was that key, and so long ago.</returns>
    public bool RenewEnrolment(Name host, byte[] key, TimeSpan atLeast, DateTimeOffset now, AuditRecord record) => database.Write(connection =>
    {
        var isGood = EnrolmentTable.Renew(connection, host, key, now, atLeast);
        if (isGood)
        {
            AuditTable.Append(connection, [record]);
        }

        return isGood;
    });

    /// <summary>Whether an identity was seen at an address before.</summary>
    public bool KnowsAddress(string identity, string address) => database.Read(c =>
        c.QuerySingle<long>("select exists (select 1 from identity_address where identity = @identity and address = @address)", new { identity, address }) != 0);
}
