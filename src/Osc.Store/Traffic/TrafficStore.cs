using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Store.Files;

namespace Osc.Store.Traffic;

/// <summary>
/// What packets met, in an SQLite file of its own: a flood here cannot stand in the way of a change of policy or of an audit record, and the
/// file may be thrown away. A commit survives the process, and may be lost with the machine's power. Any thread may call.
/// Every method throws <see cref="StoreException"/> when the disk or the file fails it, and has then changed nothing.
/// </summary>
public sealed class TrafficStore : IDisposable
{
    private const int Version = 1;

    private const int GenericError = 1, Damaged = 11, NoDatabase = 26;

    /// <summary>Old records are looked for once in so many additions.</summary>
    private const int PruneEvery = 64;

    private readonly Lock writing = new();
    private readonly SqliteConnection writer;
    private readonly TrafficLimits limits;
    private readonly TimeProvider time;
    private int additions;

    private TrafficStore(string path, SqliteConnection writer, TrafficLimits limits, TimeProvider time) =>
        (Path, this.writer, this.limits, this.time) = (path, writer, limits, time);

    public string Path { get; }

    /// <summary>Where it stands beside a policy store.</summary>
    public static string PathBeside(string policyStore) =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(policyStore) ?? "", System.IO.Path.GetFileNameWithoutExtension(policyStore) + "-traffic.db");

    /// <summary>Opens it. What is damaged or of another version is put aside as PATH.damaged, and a new one begun.</summary>
    /// <exception cref="StoreException">The disk is full or failed, or the directory cannot be written; nothing was put aside.</exception>
    public static TrafficStore Open(string path, TrafficLimits limits, TimeProvider time)
    {
        return Guard(path, () =>
        {
            try
            {
                return new TrafficStore(path, Connect(path), limits, time);
            }
            catch (SqliteException unusable) when (unusable.SqliteErrorCode is GenericError or Damaged or NoDatabase)
            {
                foreach (var end in new[] { "", "-wal", "-shm" }.Where(e => File.Exists(path + e)))
                {
                    File.Move(path + end, $"{path}.damaged{end}", overwrite: true);
                }

                return new TrafficStore(path, Connect(path), limits, time);
            }
        });
    }

    public void Dispose()
    {
        lock (writing)
        {
            writer.Dispose();
        }

        using var reader = new SqliteConnection(ReaderString);
        SqliteConnection.ClearPool(reader);
    }

    /// <summary>Adds reports, in one transaction; those that were added before are passed over.</summary>
    public void Add(IReadOnlyList<TrafficAddition> reports)
    {
        lock (writing)
        {
            Guard(Path, () =>
            {
                using var transaction = writer.BeginTransaction();
                foreach (var report in reports)
                {
                    Add(report);
                }

                if (additions++ % PruneEvery == 0)
                {
                    Prune();
                }

                transaction.Commit();
                return true;
            });
        }
    }

    /// <summary>Which rules numbers meant, of all hosts.</summary>
    public IReadOnlyList<RuleName> ReadNames() => Read(c => c.Query<RuleName>("select host as Host, number as Number, revision as Revision, rule as Rule from rule_name order by revision").AsList());

    /// <summary>Hits, by rule, host and side.</summary>
    /// <param name="host">null: of all hosts.</param>
    public IReadOnlyList<RuleCount> ReadRules(string? host = null) => Read(c => c.Query<HitRow>(
            "select rule as Rule, host as Host, side as Side, packets as Packets, bytes as Bytes, logged as Logged, reported as Reported, last_hit as LastHit from rule_hits where @host is null or host = @host order by rule, host, side",
            new { host })
        .Select(r => new RuleCount(r.Rule, r.Host, (Side)r.Side, r.Packets, r.Bytes, r.Logged, r.Reported, StoredTime.To(r.LastHit))).AsList());

    public IReadOnlyList<DropCount> ReadDrops(string? host = null) => Read(c => c.Query<DropRow>(
            "select host as Host, pipeline_table as PipelineTable, packets as Packets, bytes as Bytes, last_hit as LastHit from drops where @host is null or host = @host order by host, pipeline_table", new { host })
        .Select(r => new DropCount(r.Host, r.PipelineTable, r.Packets, r.Bytes, StoredTime.To(r.LastHit))).AsList());

    /// <summary>Connection records, newest first.</summary>
    public IReadOnlyList<ConnectionRecord> ReadConnections(ConnectionQuery query)
    {
        var filter = ConnectionFilter.Of(query);
        return Read(c => c.Query<ConnectionRow>($"{ConnectionRow.Select} from connection{filter.Where} order by id desc limit {query.Limit.ToString(CultureInfo.InvariantCulture)}", filter.Values)
            .Select(r => r.ToRecord()).AsList());
    }

    /// <summary>Who has the most records among those that a query is about, most first.</summary>
    public IReadOnlyList<Talker> ReadTalkers(ConnectionQuery query, TalkerKey by)
    {
        var filter = ConnectionFilter.Of(query with { Before = null });
        var columns = by switch
        {
            TalkerKey.Rule => "rule, null, null",
            TalkerKey.Source => "null, source, null",
            TalkerKey.Destination => "null, null, destination",
            _ => "null, source, destination",
        };
        var keys = by switch
        {
            TalkerKey.Rule => "rule",
            TalkerKey.Source => "source",
            TalkerKey.Destination => "destination",
            _ => "source, destination",
        };
        var named = columns.Split(", ").Zip(["Rule", "Source", "Destination"], (column, name) => $"{column} as {name}");
        return Read(c => c.Query<TalkerRow>(
                $"select {string.Join(", ", named)}, count(*) as Connections, sum(bytes) as Bytes, max(time) as LastSeen from connection{filter.Where} group by {keys} order by Connections desc, {keys} limit {query.Limit.ToString(CultureInfo.InvariantCulture)}",
                filter.Values)
            .Select(r => new Talker(r.Rule, r.Source, r.Destination, r.Connections, r.Bytes, StoredTime.To(r.LastSeen))).AsList());
    }

    private string ReaderString => new SqliteConnectionStringBuilder { DataSource = Path, Mode = SqliteOpenMode.ReadOnly, Pooling = true }.ToString();

    private void Add(TrafficAddition report)
    {
        // Names are facts whether or not the report is new.
        writer.Execute("insert or ignore into rule_name values (@Host, @Number, @Revision, @Rule)", report.Names);
        var isNew = writer.Execute(
            """
            insert into report values (@Host, @Source, @Sequence)
            on conflict (host) do update set source = @Source, sequence = @Sequence where source <> @Source or sequence < @Sequence
            """,
            report) > 0;
        if (!isNew)
        {
            return;
        }

        var hits = report.Rules.Select(r => (r.Rule, r.Side, r.Packets, r.Bytes, r.Logged, Reported: 0L))
            .Concat(report.Connections.Select(c => (c.Rule, c.Side, Packets: 0L, Bytes: 0L, Logged: 0L, Reported: 1L)))
            .GroupBy(h => (h.Rule, h.Side))
            .Select(g => new
            {
                g.Key.Rule,
                report.Host,
                Side = (int)g.Key.Side,
                Packets = g.Sum(h => h.Packets),
                Bytes = g.Sum(h => h.Bytes),
                Logged = g.Sum(h => h.Logged),
                Reported = g.Sum(h => h.Reported),
                LastHit = StoredTime.From(report.Time),
            });
        writer.Execute(
            """
            insert into rule_hits values (@Rule, @Host, @Side, @Packets, @Bytes, @Logged, @Reported, @LastHit)
            on conflict (rule, host, side) do update set
              packets = packets + @Packets, bytes = bytes + @Bytes, logged = logged + @Logged, reported = reported + @Reported, last_hit = @LastHit
            """,
            hits);
        writer.Execute(
            """
            insert into drops values (@Host, @Table, @Packets, @Bytes, @LastHit)
            on conflict (host, pipeline_table) do update set packets = packets + @Packets, bytes = bytes + @Bytes, last_hit = @LastHit
            """,
            report.Drops.Select(d => new { report.Host, d.Table, d.Packets, d.Bytes, LastHit = StoredTime.From(report.Time) }));
        writer.Execute(
            """
            insert into connection (time, host, rule, side, action, mode, source, destination, protocol, source_port, destination_port, icmp_type, icmp_code, bytes)
            values (@Time, @Host, @Rule, @Side, @Action, @Mode, @Source, @Destination, @Protocol, @SourcePort, @DestinationPort, @IcmpType, @IcmpCode, @Bytes)
            """,
            report.Connections.Select(ConnectionRow.Of));
    }

    private void Prune()
    {
        var now = time.GetUtcNow();
        writer.Execute(
            """
            delete from connection where id <= (select max(id) from connection) - @Connections;
            delete from connection where time < @OldestConnection;
            delete from rule_hits where last_hit < @OldestHit;
            """,
            new { limits.Connections, OldestConnection = StoredTime.From(now - limits.ConnectionAge), OldestHit = StoredTime.From(now - limits.HitAge) });
    }

    private T Read<T>(Func<SqliteConnection, T> work) => Guard(Path, () =>
    {
        using var connection = new SqliteConnection(ReaderString);
        connection.Open();
        return work(connection);
    });

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false }.ToString());
        try
        {
            connection.Open();
            connection.Execute("pragma busy_timeout = 10000; pragma journal_mode = wal; pragma synchronous = normal");
            var version = connection.QuerySingle<int>("pragma user_version");
            if (version != Version)
            {
                connection.Execute(version == 0 ? TrafficSchema.Script : throw new SqliteException($"schema {version} is not known", 1));
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failed) when (failed is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.Failed, path, $"cannot be read or written ({failed.Message}): check the disk", failed);
        }
    }

    private sealed record HitRow(string Rule, string Host, long Side, long Packets, long Bytes, long Logged, long Reported, long LastHit);

    private sealed record DropRow(string Host, string PipelineTable, long Packets, long Bytes, long LastHit);

    private sealed record TalkerRow(string? Rule, string? Source, string? Destination, long Connections, long Bytes, long LastSeen)
    {
        /// <summary>For columns that are null in every row, whose type SQLite cannot tell.</summary>
        public TalkerRow()
            : this(null, null, null, 0, 0, 0)
        {
        }
    }
}
