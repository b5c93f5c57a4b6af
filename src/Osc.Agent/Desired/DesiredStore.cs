using System.Globalization;
using System.Text;
using Osc.Flows;
using Osc.Model;

namespace Osc.Agent.Desired;

/// <summary>What a start found on the disk.</summary>
/// <param name="Flows">null: nothing is kept yet, or what is kept cannot be used.</param>
/// <param name="Problem">Why what is kept cannot be used.</param>
public sealed record KeptFlows(HostFlows? Flows, string? Problem);

/// <summary>
/// The host's desired flows, kept in a directory that one agent at a time owns: what enforcement goes by while broker and
/// controller are away. They are written whole, and then change by change, so that a change costs what it changes, until the
/// changes take more room than the whole. Not thread-safe.
/// </summary>
public sealed class DesiredStore : IDisposable
{
    /// <summary>Changes that take less than this, in bytes, are not worth writing everything anew.</summary>
    private const long MinChangesBytes = 1 << 20;

    private readonly string file;
    private readonly string changesFile;
    private readonly string generationFile;
    private readonly FileStream claim;

    /// <summary>What the disk holds for certain; null: that is not known.</summary>
    private HostFlows? kept;
    private long wholeBytes;

    /// <summary>How much of the file of changes counts; 0: none of it.</summary>
    private long changesBytes;

    private DesiredStore(string directory, FileStream claim)
    {
        file = Path.Combine(directory, "desired");
        changesFile = Path.Combine(directory, "desired.changes");
        generationFile = Path.Combine(directory, "generation");
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

    /// <summary>The controller's generation whose flows these are (<see cref="Osc.Bus.ControllerMessage.Generation"/>); 0: none was ever kept.</summary>
    public long Generation { get; private set; }

    /// <summary>Reads what is kept.</summary>
    public KeptFlows Load(Name host)
    {
        try
        {
            Generation = File.Exists(generationFile) ? ReadGeneration() : 0;
            var whole = ReadWhole();
            if (whole.Host != host)
            {
                return new(null, $"{file} belongs to the host {whole.Host}, not {host}");
            }

            var changed = File.Exists(changesFile) ? ChangesText.Read(File.ReadAllBytes(changesFile), whole) : null;
            (kept, changesBytes) = (changed?.Flows ?? whole, changed?.Length ?? 0);
            return new(kept, null);
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
    /// <param name="delta">How they differ from those kept before, if that is known: only that is written.</param>
    /// <returns>null, or why the disk does not take them; what was kept before still is.</returns>
    public string? Save(HostFlows flows, FlowDelta? delta = null) => Try(() =>
    {
        if (delta is not null && kept is { } before && before.Revision == delta.From && changesBytes <= Math.Max(MinChangesBytes, wholeBytes))
        {
            kept = null; // until it is certain again
            var change = ChangesText.Write(flows, delta);
            changesBytes = DurableFile.Append(changesFile, changesBytes, changesBytes > 0 ? change : [.. ChangesText.Header(before), .. change]);
        }
        else
        {
            kept = null;
            DurableFile.Replace(file, stream => DesiredText.Write(stream, flows));

            // Should the machine stop here, the changes of the file before do not begin with what is in this one.
            DurableFile.Remove(changesFile);
            (wholeBytes, changesBytes) = (new FileInfo(file).Length, 0);
        }

        kept = flows;
    });

    /// <summary>Keeps whose flows these are, after the flows themselves: should the machine stop between the two, they count as an older generation's, which the new one replaces.</summary>
    /// <returns>null, or why the disk does not take it.</returns>
    public string? SaveGeneration(long generation) => generation == Generation ? null : Try(() =>
    {
        DurableFile.Replace(generationFile, stream => stream.Write(Encoding.ASCII.GetBytes(generation.ToString(CultureInfo.InvariantCulture) + '\n')));
        Generation = generation;
    });

    /// <summary>Keeps nothing.</summary>
    /// <returns>null, or why the disk does not take it.</returns>
    public string? Clear() => Try(() =>
    {
        kept = null;
        DurableFile.Remove(file);
        DurableFile.Remove(changesFile);
        changesBytes = 0;
    });

    public void Dispose() => claim.Dispose();

    private long ReadGeneration()
    {
        var text = File.ReadAllText(generationFile).Trim();
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var generation) ? generation : throw new FormatException($"{generationFile}: '{(text.Length <= 40 ? text : text[..40])}' is no number");
    }

    private HostFlows ReadWhole()
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024);
        wholeBytes = stream.Length;
        return DesiredText.Read(stream);
    }

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
