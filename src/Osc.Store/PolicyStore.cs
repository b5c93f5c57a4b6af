using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Store.Access;
using Osc.Store.Alarms;
using Osc.Store.AuditLog;
using Osc.Store.Emergencies;
using Osc.Store.Files;
using Osc.Store.Hosts;
using Osc.Store.Proposals;
using Osc.Store.Revisions;

namespace Osc.Store;

/// <summary>
/// What the controller must not forget, in one SQLite file: documents through time, revisions, the audit log, hosts and rollouts.
/// One process has it open. Writing is one transaction at a time and on disk on return; reading goes on beside it and sees the last
/// committed state. Any thread may call. Every method throws <see cref="StoreException"/> when the disk or the file fails it, and has
/// then changed nothing.
/// </summary>
public sealed class PolicyStore : IDisposable
{
    /// <summary>The most that a page of anything may hold.</summary>
    public const int MaxLimit = AuditQuery.MaxLimit;

    private readonly Database database;
    private readonly TimeProvider time;
    private long current;
    private long generation;

    private PolicyStore(Database database, TimeProvider time)
    {
        this.database = database;
        this.time = time;
        AuditTree = new(database);
        AuditArchives = new(database);
        Access = new(database);
        Proposals = new(database);
        current = database.Read(RevisionTable.ReadCurrent).Number;
    }

    /// <summary>The last committed revision; <see cref="Revision.None"/> in a new store.</summary>
    public Revision Current => new(Interlocked.Read(ref current));

    /// <summary>
    /// Tells this store from others that hosts may have heard of before: when its first revision was made, or when it was last restored from a backup, in milliseconds
    /// since 1970. 0 while there is no revision.
    /// </summary>
    public long Generation
    {
        get
        {
            var known = Interlocked.Read(ref generation);
            if (known == 0)
            {
                Interlocked.Exchange(ref generation, known = database.Read(GenerationOf));
            }

            return known;
        }
    }

    /// <summary>Raised after each change of the store, from the thread that made it. Handlers return at once.</summary>
    public event Action? Changed
    {
        add => database.Written += value;
        remove => database.Written -= value;
    }

    /// <summary>The database file.</summary>
    public string Path => database.Path;

    /// <summary>Proves what the audit log holds.</summary>
    public AuditTree AuditTree { get; }

    /// <summary>Records that are in files.</summary>
    public AuditArchives AuditArchives { get; }

    /// <summary>Who may come in.</summary>
    public AccessStore Access { get; }

    /// <summary>Changes that wait for others to agree to them.</summary>
    public ProposalStore Proposals { get; }

    internal SqliteConnection Writer => database.Writer;

    /// <summary>Opens the store, or makes an empty one where there is none; the directory must be there.</summary>
    /// <exception cref="StoreException">It is in use, no store, damaged, of a newer version, or out of reach; nothing was changed.</exception>
    public static PolicyStore Open(string path, TimeProvider time)
    {
        var database = Database.Open(path);
        try
        {
            return new(database, time);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public void Dispose() => database.Dispose();

    /// <summary>Begins a generation, with its audit record: the time, or where the clock was set back, the next one after those that are known.</summary>
    /// <param name="replaced">The generation of the store in whose place this one is put; 0 if that is not known.</param>
    internal void Restored(AuditRecord record, long replaced) => database.Write(connection =>
    {
        var begun = Math.Max(record.Time.ToUnixTimeMilliseconds(), Math.Max(GenerationOf(connection), replaced) + 1);
        connection.Execute("insert into generation (begun) values (@begun)", new { begun });
        return AuditTable.Append(connection, [record]);
    });

    private static long GenerationOf(SqliteConnection connection) => Math.Max(
        RevisionTable.Find(connection, Revision.None.Next)?.Time.ToUnixTimeMilliseconds() ?? 0,
        connection.QuerySingle<long>("select coalesce(max(begun), 0) from generation"));

    /// <summary>Makes the next revision: documents, revision, audit records, and the desired state and pending rollout of the hosts concerned.</summary>
    /// <exception cref="ArgumentException">There is no change, or two of one document, or a document is to go that is not there.</exception>
    public CommitOutcome Commit(Commit commit)
    {
        if (commit.Changes.Count == 0)
        {
            throw new ArgumentException("a commit changes at least one document", nameof(commit));
        }

        if (commit.Changes.DistinctBy(c => c.Key).Count() < commit.Changes.Count)
        {
            throw new ArgumentException("a commit changes a document once", nameof(commit));
        }

        var outcome = database.Write<CommitOutcome>(connection =>
        {
            var last = RevisionTable.ReadCurrent(connection);
            if (last != commit.Base)
            {
                return new CommitOutcome.Conflict(last);
            }

            var info = new RevisionInfo(last.Next, time.GetUtcNow(), commit.Origin.Actor, commit.Origin.Reason, commit.Changes.Count);
            AuditTable.Append(connection, Committing.Write(connection, commit, info));
            return new CommitOutcome.Committed(info.Revision, info.Time);
        });

        if (outcome is CommitOutcome.Committed committed)
        {
            RaiseCurrent(committed.Revision.Number);
        }

        return outcome;
    }

    /// <summary>Documents in key order.</summary>
    /// <param name="at">As they were at this revision; null for now.</param>
    public IReadOnlyList<StoredDocument> ReadDocuments(Revision? at = null) => database.Read(c => DocumentTable.Read(c, at));

    /// <summary>
    /// The documents that have changed since a revision, as they were at it, in key order: with those that have not, the
    /// documents of that revision.
    /// </summary>
    public IReadOnlyList<DocumentThen> ReadChangedSince(Revision revision) => database.Read(c => DocumentTable.ReadChangedSince(c, revision));

    /// <summary>What a document was, newest first, back to when it was made; nothing where it was not there.</summary>
    /// <param name="upTo">Nothing newer.</param>
    /// <param name="limit">1 to <see cref="MaxLimit"/>.</param>
    public IReadOnlyList<StoredDocument> ReadHistory(DocumentKey key, Revision upTo, int limit)
    {
        CheckLimit(limit);
        return database.Read(c => DocumentTable.ReadHistory(c, key, upTo, limit));
    }

    /// <summary>The revision that was the current one at a time: the newest that was made by then.</summary>
    /// <returns>null if there was none yet.</returns>
    public RevisionInfo? FindRevisionAt(DateTimeOffset time) => database.Read(c => RevisionTable.FindAt(c, time));

    /// <returns>null if there is no such revision.</returns>
    public RevisionInfo? FindRevision(Revision revision) => database.Read(c => RevisionTable.Find(c, revision));

    /// <summary>Revisions, newest first.</summary>
    /// <param name="cursor">The <see cref="RevisionPage.Next"/> of the page before; null for the first page.</param>
    /// <param name="limit">1 to <see cref="MaxLimit"/>.</param>
    /// <param name="scope">Only those that changed documents of these tenants; null: all.</param>
    public RevisionPage ReadRevisions(Revision? cursor, int limit, TenantScope? scope = null)
    {
        CheckLimit(limit);
        return database.Read(c => RevisionTable.Read(c, cursor, limit, scope));
    }

    /// <summary>Whether a revision changed a document of these tenants.</summary>
    public bool Concerns(Revision revision, TenantScope scope) => database.Read(c => RevisionTable.Concerns(c, revision, scope));

    /// <summary>Puts records at the end of the audit log, whose places they get; their own sequence numbers do not count.</summary>
    /// <returns>The last record's sequence number.</returns>
    public long AppendAudit(IReadOnlyList<AuditRecord> records) => database.Write(c => AuditTable.Append(c, records));

    /// <summary>
    /// Brings the text index up to the log, in short transactions between those of others. Changes do not wait for it; who asks for text does, so
    /// it is well done from time to time.
    /// </summary>
    public void ExtendTextIndex()
    {
        if (database.Read(TextIndex.IsBehind))
        {
            while (database.Write(TextIndex.Extend))
            {
            }
        }
    }


    /// <summary>The last record of the audit log that a follower of it has; 0 for none.</summary>
    public long ReadFollower(string name) => database.Read(c => FollowerTable.Read(c, name));

    /// <summary>Notes how far a follower of the audit log has come.</summary>
    public void SetFollower(string name, long sequence) => Write(c => FollowerTable.Set(c, name, sequence));

    /// <summary>Keeps a checkpoint that was signed.</summary>
    public void AppendCheckpoint(StoredCheckpoint checkpoint) => Write(c => CheckpointTable.Append(c, checkpoint));

    /// <returns>The one that was signed last; null if none was.</returns>
    public StoredCheckpoint? FindLastCheckpoint() => database.Read(CheckpointTable.Last);

    /// <exception cref="ArgumentOutOfRangeException">The limit is not 1 to <see cref="MaxLimit"/>.</exception>
    public AuditPage QueryAudit(AuditQuery query)
    {
        CheckLimit(query.Limit);
        if (query.HasText)
        {
            ExtendTextIndex();
        }

        return database.Read(c => AuditTable.Read(c, query));
    }

    /// <summary>Counts the records that a query asks for, whatever its limit and cursor: the most frequent values first, or the newest days.</summary>
    public IReadOnlyList<AuditCount> CountAudit(AuditQuery query, AuditCountBy by)
    {
        if (query.HasText)
        {
            ExtendTextIndex();
        }

        return database.Read(c => AuditCounts.Read(c, query with { Cursor = null }, by));
    }

    /// <summary>
    /// All records that a query asks for, whatever its limit, read a page at a time, so that neither memory nor a long read
    /// transaction grows with them. Records that are appended after the first was read are left out.
    /// </summary>
    /// <param name="upTo">Nothing after this sequence number; null for the newest at the first record that is read.</param>
    public IEnumerable<AuditRecord> EnumerateAudit(AuditQuery query, long? upTo = null)
    {
        var last = upTo ?? database.Read(AuditTable.LastSequence);
        var next = query with { Limit = MaxLimit };
        while (true)
        {
            var page = QueryAudit(next);
            foreach (var record in page.Items.Where(r => r.Sequence <= last))
            {
                yield return record;
            }

            if (page.Next is null || (query.Ascending && page.Next > last))
            {
                yield break;
            }

            next = next with { Cursor = page.Next };
        }
    }

    /// <summary>All hosts that are known, by name.</summary>
    public IReadOnlyList<HostRecord> ReadHosts() => database.Read(HostTable.Read);

    /// <summary>The numbers that hosts' flows carry, by host.</summary>
    public IReadOnlyList<StoredNumbering> ReadNumberings() => database.Read(NumberingTable.Read);

    /// <summary>Says what hosts shall have, and which numbers their flows carry, without a new revision: after a restart, or with a compiler that compiles otherwise.</summary>
    /// <param name="numberings">Whole ones.</param>
    /// <exception cref="ArgumentException">A numbering is not whole.</exception>
    public void SetDesired(IReadOnlyList<HostDesired> hosts, IReadOnlyList<NumberingWrite> numberings)
    {
        if (numberings.Any(n => !n.IsWhole))
        {
            throw new ArgumentException("a change of a numbering belongs to a revision", nameof(numberings));
        }

        Write(connection =>
        {
            HostTable.SetDesired(connection, hosts);
            NumberingTable.Write(connection, RevisionTable.ReadCurrent(connection), numberings);
        });
    }

    /// <summary>Notes signs of life; those of hosts that are not known are not kept.</summary>
    public void SetSeen(IReadOnlyList<HostSeen> hosts) => Write(c => HostTable.SetSeen(c, hosts));

    /// <summary>Notes steps of rollouts, now, together with the audit records of the agents' answers.</summary>
    public void RecordRollout(IReadOnlyList<RolloutStep> steps)
    {
        var now = time.GetUtcNow();
        Write(c => RolloutSteps.Write(c, steps, now));
    }

    /// <returns>null if there is no such revision; without hosts if it concerned none.</returns>
    public RolloutInfo? FindRollout(Revision revision) => database.Read(c => RolloutTable.Find(c, revision));

    /// <summary>The newest rollouts, newest first; revisions that concerned no host are left out.</summary>
    /// <param name="limit">1 to <see cref="MaxLimit"/>.</param>
    /// <param name="scope">Only of revisions that changed documents of these tenants; null: all.</param>
    public IReadOnlyList<RolloutInfo> ReadRollouts(int limit, TenantScope? scope = null)
    {
        CheckLimit(limit);
        return database.Read(c => RolloutTable.Read(c, limit, scope));
    }

    /// <summary>Emergency policies that are in force, oldest first.</summary>
    public IReadOnlyList<Emergency> ReadOpenEmergencies() => database.Read(EmergencyTable.ReadOpen);

    /// <summary>Emergency policies, also those that are gone, newest first.</summary>
    /// <param name="limit">1 to <see cref="MaxLimit"/>.</param>
    public IReadOnlyList<Emergency> ReadEmergencies(int limit)
    {
        CheckLimit(limit);
        return database.Read(c => EmergencyTable.Read(c, limit));
    }

    /// <summary>Alarms that stand, oldest first.</summary>
    public IReadOnlyList<Alarm> ReadStandingAlarms() => database.Read(AlarmTable.ReadStanding);

    /// <summary>Alarms, newest first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not 1 to <see cref="MaxLimit"/>.</exception>
    public AlarmPage QueryAlarms(AlarmQuery query)
    {
        CheckLimit(query.Limit);
        return database.Read(c => AlarmTable.Read(c, query));
    }

    /// <summary>Notes what became of alarms, together with the audit record of each that was raised or cleared. One that does not stand cannot be cleared; that changes nothing.</summary>
    public void RecordAlarms(IReadOnlyList<AlarmChange> changes, DateTimeOffset time) => Write(c => AlarmSteps.Write(c, changes, time));

    private void Write(Action<SqliteConnection> work) => database.Write(connection =>
    {
        work(connection);
        return true;
    });

    private void RaiseCurrent(long revision)
    {
        long seen;
        do
        {
            seen = Interlocked.Read(ref current);
        }
        while (seen < revision && Interlocked.CompareExchange(ref current, revision, seen) != seen);
    }

    private static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
    }
}
