namespace Osc.Store.Traffic;

/// <summary>The tables of <see cref="TrafficStore"/>. Times are microseconds since 1970; sides 0 out, 1 in.</summary>
internal static class TrafficSchema
{
    public const string Script = """
        begin;

        -- The last report of each host that was added.
        create table report (host text primary key, source text not null, sequence integer not null) without rowid;

        -- On a host a number means a rule from a revision on.
        create table rule_name (host text not null, number integer not null, revision integer not null, rule text not null, primary key (host, number, revision)) without rowid;

        create table rule_hits (
          rule text not null, host text not null, side integer not null,
          packets integer not null, bytes integer not null, logged integer not null, reported integer not null, last_hit integer not null,
          primary key (rule, host, side)) without rowid;

        create table drops (host text not null, pipeline_table text not null, packets integer not null, bytes integer not null, last_hit integer not null, primary key (host, pipeline_table)) without rowid;

        create table connection (
          id integer primary key autoincrement,
          time integer not null, host text not null, rule text not null, side integer not null, action text not null, mode text not null,
          source text not null, destination text not null, protocol integer not null,
          source_port integer, destination_port integer, icmp_type integer, icmp_code integer, bytes integer not null);
        create index connection_time on connection (time);
        create index connection_rule on connection (rule, id);
        create index connection_source on connection (source, id);
        create index connection_destination on connection (destination, id);

        pragma user_version = 1;
        commit;
        """;
}
