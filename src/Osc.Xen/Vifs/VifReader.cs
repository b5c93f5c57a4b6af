using System.Globalization;
using Osc.Model;
using Osc.Xen.Xenstore;

namespace Osc.Xen.Vifs;

/// <summary>Reads vifs from the store, as they are at the moment: <see cref="VifWatch"/> sees to it that what changed meanwhile is read again.</summary>
/// <param name="directory">Where the vifs are: DIRECTORY/DOMAIN/HANDLE/KEY.</param>
internal sealed class VifReader(IXenstoreCaller store, XenstorePath directory)
{
    /// <summary>How often a vif is read that changes again and again; its next change is announced.</summary>
    private const int MaxAttempts = 10;

    private static readonly string[] IdentityKeys = ["mac", "handle", "vifname"];
    private static readonly string[] StateKeys = ["state", "bridge", "script", "online"];

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

    /// <summary>
    /// Reads a vif. What tells whose it is, is read twice with the rest in between, and all of it anew until both are the same: so the
    /// parts belong together, whatever happens to the vif meanwhile.
    /// </summary>
    public async Task<Reply<FoundVif>> ReadAsync(VifId id, CancellationToken cancellation)
    {
        var path = directory.Child(Text(id.Domain)).Child(Text(id.Handle));
        for (var attempts = 0; attempts < MaxAttempts; attempts++)
        {
            var keys = await store.ListAsync(path, cancellation);
            if (!keys.IsGiven)
            {
                return keys.Failure.Error == XenstoreError.ConnectionLost ? keys.Failure : new FoundVif(null);
            }

            var before = await ReadAsync(IdentityKeys.Select(path.Child), cancellation);
            var rest = await ReadAsync([.. StateKeys.Select(path.Child), XenstorePath.Parse($"/local/domain/{id.Domain}/vm")], cancellation);
            var after = await ReadAsync(IdentityKeys.Select(path.Child), cancellation);
            if ((before.Failure ?? rest.Failure ?? after.Failure) is { } failure)
            {
                return failure;
            }

            if (before.Value!.Equals(after.Value)) // given, as the rest
            {
                return new FoundVif(Make(id, before.Value, rest.Value!));
            }
        }

        return new FoundVif(null);
    }

    /// <summary>Reads values, asked for all at once; null for what is not there or may not be read.</summary>
    private async Task<Reply<ValueList<string?>>> ReadAsync(IEnumerable<XenstorePath> paths, CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(paths.Select(p => store.ReadAsync(p, cancellation)));
        var lost = answers.FirstOrDefault(a => a.Failure?.Error == XenstoreError.ConnectionLost).Failure;
        return lost is not null ? lost : answers.Select(a => a.Value).ToValueList();
    }

    /// <param name="identity">In the order of <see cref="IdentityKeys"/>.</param>
    /// <param name="state">In the order of <see cref="StateKeys"/>, then the guest's path below /vm.</param>
    private static Vif Make(VifId id, ValueList<string?> identity, ValueList<string?> state) => new(
        id,
        PortName.TryParse(identity[2], out var chosen) ? chosen : (id with { Handle = VifScope.Number(identity[1] ?? "") ?? id.Handle }).PortName,
        MacAddress.TryParse(identity[0], out var mac) ? mac : null,
        int.TryParse(state[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Enum.IsDefined((VifState)number) ? (VifState)number : VifState.Unknown,
        state[1],
        state[2],
        state[4] is { } vm && vm.StartsWith("/vm/", StringComparison.Ordinal) && Guid.TryParse(vm.AsSpan(4), out var uuid) ? uuid.ToString() : null,
        state[3] == "1");

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
