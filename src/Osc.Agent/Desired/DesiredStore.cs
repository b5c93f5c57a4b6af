using Osc.Flows;
using Osc.Model;

namespace Osc.Agent.Desired;

/// <summary>What a start found on the disk.</summary>
/// <param name="Flows">null: nothing is kept yet, or what is kept cannot be used.</param>
/// <param name="Problem">Why what is kept cannot be used.</param>
public sealed record KeptFlows(HostFlows? Flows, string? Problem);

/// <summary>
/// The host's desired flows, kept in a directory that one agent at a time owns: what enforcement goes by while broker and
/// controller are away.
/// </summary>
public sealed class DesiredStore : IDisposable
{
    private readonly string file;
    private readonly FileStream claim;

    private DesiredStore(string directory, FileStream claim)
    {
        file = Path.Combine(directory, "desired");
        this.claim = claim;
    }

    /// <summary>Makes the directory if it is missing and takes it for this agent alone.</summary>
    /// <param name="error">Why it cannot be used, for people.</param>
    /// <returns>null where it cannot be used.</returns>
    public static DesiredStore? Open(string directory, out string? error)
    {
        try
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var claim = new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            error = null;
            return new(Path.GetFullPath(directory), claim);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = $"the state directory {directory} cannot be used (or another agent uses it): {e.Message}";
            return null;
        }
    }

    /// <summary>Reads what is kept.</summary>
    public KeptFlows Load(Name host)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024);
            var flows = DesiredText.Read(stream);
            return flows.Host == host ? new(flows, null) : new(null, $"{file} belongs to the host {flows.Host}, not {host}");
        }
        catch (FileNotFoundException)
        {
            return new(null, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return new(null, $"{file} cannot be used: {e.Message}");
        }
    }

    /// <summary>Keeps the flows. On return they survive a crash and a power cut.</summary>
    /// <returns>null, or why the disk does not take them; what was kept before still is.</returns>
    public string? Save(HostFlows flows) => Try(() => DurableFile.Replace(file, stream => DesiredText.Write(stream, flows)));

    /// <summary>Keeps nothing.</summary>
    /// <returns>null, or why the disk does not take it.</returns>
    public string? Clear() => Try(() => DurableFile.Remove(file));

    public void Dispose() => claim.Dispose();

    private static string? Try(Action write)
    {
        try
        {
            write();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
