using System.Globalization;
using Osc.Model;
using Osc.Xen.Xenstore;

namespace Osc.Xen.Vifs;

/// <summary>Reads vifs from the store, as they are at the moment: <see cref="VifWatch"/> sees to it that what changed meanwhile is read again.</summary>
/// <param name="directory">Where the vifs are: DIRECTORY/DOMAIN/HANDLE/KEY.</param>
internal sealed class VifReader(IXenstoreCaller store, XenstorePath directory)
{
    /// <summary>The vifs of a scope that there are.</summary>
    public async Task<Reply<IReadOnlyList<VifId>>> ListAsync(VifScope scope, CancellationToken cancellation)
    {
        if (scope is { Domain: { } one, Handle: { } handle })
        {
            return new[] { new VifId(one, handle) };
        }

        var domains = scope.Domain is { } only ? new[] { only } : await NumbersAsync(directory, cancellation);
        if (!domains.IsGiven)
        {
            return domains.Failure;
        }

        var ids = new List<VifId>();
        foreach (var domain in domains.Value)
        {
            var handles = await NumbersAsync(directory.Child(Text(domain)), cancellation);
            if (!handles.IsGiven)
            {
                return handles.Failure;
            }

            ids.AddRange(handles.Value.Select(h => new VifId(domain, h)));
        }

        return ids;
    }

    /// <summary>Reads a vif; null if there is none, or if this domain may not see it.</summary>
    public async Task<Reply<FoundVif>> ReadAsync(VifId id, CancellationToken cancellation)
    {
        var path = directory.Child(Text(id.Domain)).Child(Text(id.Handle));
        var keys = await store.ListAsync(path, cancellation);
        if (!keys.IsGiven)
        {
            return keys.Failure.Error == XenstoreError.ConnectionLost ? keys.Failure : new FoundVif(null);
        }

        // Asked for all at once; the answers come one by one.
        string[] names = ["mac", "handle", "state", "bridge", "script", "vifname", "online"];
        var reading = names.Select(n => keys.Value.Contains(n) ? store.ReadAsync(path.Child(n), cancellation) : null)
            .Append(XenstorePath.TryParse($"/local/domain/{id.Domain}/vm", out var guest) ? store.ReadAsync(guest, cancellation) : null)
            .ToArray();
        var values = new string?[reading.Length];
        for (var i = 0; i < reading.Length; i++)
        {
            if (reading[i] is { } asked)
            {
                var answer = await asked;
                if (answer is { Failure: { Error: XenstoreError.ConnectionLost } lost })
                {
                    return lost;
                }

                values[i] = answer.Value;
            }
        }

        return new FoundVif(Make(id, values));
    }

    /// <param name="values">In the order of the keys above, then the guest's path below /vm.</param>
    private static Vif Make(VifId id, string?[] values) => new(
        id,
        PortName.TryParse(values[5], out var chosen) ? chosen : (id with { Handle = VifScope.Number(values[1] ?? "") ?? id.Handle }).PortName,
        MacAddress.TryParse(values[0], out var mac) ? mac : null,
        int.TryParse(values[2], NumberStyles.None, CultureInfo.InvariantCulture, out var state) && Enum.IsDefined((VifState)state) ? (VifState)state : VifState.Unknown,
        values[3],
        values[4],
        values[7] is { } vm && vm.StartsWith("/vm/", StringComparison.Ordinal) && Guid.TryParse(vm.AsSpan(4), out var uuid) ? uuid.ToString() : null,
        values[6] == "1");

    /// <summary>The names right below a path that are numbers; none where there is nothing to see.</summary>
    private async Task<Reply<ushort[]>> NumbersAsync(XenstorePath path, CancellationToken cancellation)
    {
        var names = await store.ListAsync(path, cancellation);
        return names.IsGiven ? names.Value.Select(VifScope.Number).OfType<ushort>().ToArray()
            : names.Failure.Error == XenstoreError.ConnectionLost ? names.Failure
            : Array.Empty<ushort>();
    }

    private static string Text(ushort number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What was found where a vif may be: null is nothing.</summary>
internal sealed record FoundVif(Vif? Vif);
