using System.Runtime.CompilerServices;
using Osc.Model;
using Osc.Xen.Xenstore;

namespace Osc.Xen.Vifs;

/// <summary>
/// Follows the vifs that this domain serves, in the store.
/// <para>
/// A vif's keys are read one by one, without a transaction, of which a driver domain may have few. What was announced anew while a
/// vif was read is not believed but read again: the store announces a change before any answer that already shows it. Linux's device
/// keeps no order between the two, which is why <see cref="VifReader"/> sees to it by itself that what tells whose a vif is belongs together.
/// </para>
/// </summary>
/// <param name="client">Stays the caller's to dispose, after all enumerations ended.</param>
/// <param name="directory">Where the vifs are; see <see cref="DirectoryAt"/>.</param>
public sealed class VifWatch(XenstoreClient client, XenstorePath directory) : IVifSource
{
    /// <summary>How many vifs are read at the same time: enough to keep the store busy.</summary>
    private const int AtOnce = 16;

    private readonly VifReader reader = new(client, directory);

    /// <summary>
    /// Where a domain finds the vifs that it serves: below its own path, which it need not know when it asks through the device; a socket
    /// takes no relative paths (docs/misc/xenstore.txt), and is dom0's.
    /// </summary>
    public static XenstorePath DirectoryAt(XenstoreEndpoint endpoint) => XenstorePath.Parse(endpoint.IsDevice ? "backend/vif" : "/local/domain/0/backend/vif");

    /// <inheritdoc/>
    public async IAsyncEnumerable<VifEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var watch = client.Watch(directory);
        var known = new SortedDictionary<VifId, Vif>();
        var changed = new HashSet<VifScope>();
        VifInventory? told = null;
        while (true)
        {
            if (changed.Count == 0)
            {
                await watch.WaitAsync(cancellation);
            }

            var lost = Drain(watch, changed) ?? await RefreshAsync(watch, known, changed, cancellation);
            if (lost is not null)
            {
                // All is read again when the watch is set anew, which it tells.
                changed.Clear();
                told = null;
                yield return new VifEvent.Lost(lost.Detail);
            }
            else if (new VifInventory(known.Values.ToValueList()) is var now && now != told)
            {
                told = now;
                yield return new VifEvent.Known(now);
            }
        }
    }

    /// <summary>Notes what the watch tells, as far as it has.</summary>
    /// <returns>Why it is not set at present, if that was the last that it told.</returns>
    private XenstoreFailure? Drain(XenstoreWatch watch, HashSet<VifScope> changed)
    {
        XenstoreFailure? lost = null;
        while (watch.TryTake(out var signal))
        {
            lost = (signal as WatchSignal.Lost)?.Failure;
            if (signal is WatchSignal.Changed(var path) && directory.NamesTo(path) is { } names && VifScope.Of(names) is { } scope)
            {
                changed.Add(scope);
            }
        }

        return lost;
    }

    /// <summary>Reads again what changed, once.</summary>
    /// <param name="changed">What to read; afterwards what changed meanwhile.</param>
    /// <returns>Why it could not be read, in which case nothing known was touched.</returns>
    private async Task<XenstoreFailure?> RefreshAsync(XenstoreWatch watch, SortedDictionary<VifId, Vif> known, HashSet<VifScope> changed, CancellationToken cancellation)
    {
        var scopes = changed.Contains(VifScope.All) ? [VifScope.All] : changed.ToArray();
        changed.Clear();
        var asked = known.Keys.Where(id => scopes.Any(s => s.Covers(id))).ToHashSet();
        foreach (var scope in scopes)
        {
            var listed = await reader.ListAsync(scope, cancellation);
            if (!listed.IsGiven)
            {
                return listed.Failure;
            }

            asked.UnionWith(listed.Value);
        }

        var found = new Dictionary<VifId, Vif?>();
        foreach (var some in asked.Chunk(AtOnce))
        {
            foreach (var (id, vif) in some.Zip(await Task.WhenAll(some.Select(id => reader.ReadAsync(id, cancellation)))))
            {
                if (!vif.IsGiven)
                {
                    return vif.Failure;
                }

                found[id] = vif.Value.Vif;
            }
        }

        if (Drain(watch, changed) is { } lost)
        {
            return lost;
        }

        foreach (var (id, vif) in found.Where(f => !changed.Any(s => s.Covers(f.Key))))
        {
            Keep(known, id, vif);
        }

        return null;
    }

    private static void Keep(SortedDictionary<VifId, Vif> known, VifId id, Vif? vif)
    {
        if (vif is null)
        {
            known.Remove(id);
        }
        else
        {
            known[id] = vif;
        }
    }
}
