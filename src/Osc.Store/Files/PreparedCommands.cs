using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Osc.Store.Files;

/// <summary>Statements that every change needs, prepared once for the connection that writes: to prepare them costs more than to run them.</summary>
internal static class PreparedCommands
{
    private static readonly ConditionalWeakTable<SqliteConnection, Dictionary<string, SqliteCommand>> Known = [];

    /// <summary>The statement, in the connection's present transaction. It stays the connection's, and is not to be disposed.</summary>
    /// <param name="sql">With the parameters @0, @1, and so on.</param>
    public static SqliteCommand Prepared(this SqliteConnection connection, string sql, int parameters)
    {
        var commands = Known.GetOrCreateValue(connection);

        // A new command is told of the transaction, and nobody else is.
        using var fresh = connection.CreateCommand();
        if (!commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < parameters; i++)
            {
                command.Parameters.Add(new($"@{i}", null));
            }

            commands.Add(sql, command);
        }

        command.Transaction = fresh.Transaction;
        return command;
    }
}
