using System.Security.Cryptography;
using System.Text.Json;
using Osc.Audit;
using Osc.Store;

namespace Osc.Controller.Audit;

/// <summary>Records that the controller runs with another configuration file than before: which, by its hash, and not what it says, since it may hold secrets.</summary>
internal static class ConfigurationRecord
{
    /// <param name="file">null for none.</param>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    /// <exception cref="IOException">The file cannot be read any more.</exception>
    public static void Append(PolicyStore store, string? file, TimeProvider time)
    {
        if (file is null)
        {
            return;
        }

        var now = JsonSerializer.Serialize(new { file = Path.GetFullPath(file), sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))) });
        var last = store.QueryAudit(new() { Action = AuditAction.ConfigurationChange, Limit = 1 }).Items.FirstOrDefault()?.After;
        if (last != now)
        {
            store.AppendAudit([new() { Time = time.GetUtcNow(), Actor = Origin.Controller.Actor, Action = AuditAction.ConfigurationChange, Before = last, After = now, Outcome = AuditRecord.Ok }]);
        }
    }
}
