using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Osc.Lab;

/// <summary>A network namespace of a <see cref="LabSpace"/>, which removes it (ip-netns(8)).</summary>
public sealed class Netns
{
    private const int CloneNewNet = 0x40000000;

    private Netns(string name) => Name = name;

    /// <summary>As <c>ip netns</c> knows it.</summary>
    public string Name { get; }

    internal static async Task<Netns> CreateAsync(string name)
    {
        await Command.RunAsync("ip", ["netns", "add", name]);
        var netns = new Netns(name);
        await netns.IpAsync("link set lo up");
        netns.Enter(() =>
        {
            // Addresses are usable at once; links that are only a switch's ports get none (SilenceLinks).
            Set("net/ipv6/conf/all/accept_dad", "0");
            Set("net/ipv6/conf/default/accept_dad", "0");
            Set("net/ipv6/conf/default/accept_ra", "0");
            return true;
        });
        return netns;
    }

    /// <summary>Runs lines of ip(8), without the leading "ip", inside the namespace.</summary>
    public Task IpAsync(params IEnumerable<string> lines) =>
        Command.RunAsync("ip", ["-n", Name, "-batch", "-"], string.Join('\n', lines));

    /// <summary>Runs a program inside the namespace to its end.</summary>
    /// <returns>Its standard output.</returns>
    public Task<string> RunAsync(string program, params IEnumerable<string> arguments) =>
        Command.RunAsync("ip", ["netns", "exec", Name, program, .. arguments]);

    /// <summary>Links that are made from now on get no IPv6 address, so that they send nothing by themselves.</summary>
    public void SilenceLinks() => Enter(() =>
    {
        Set("net/ipv6/conf/default/disable_ipv6", "1");
        return true;
    });

    /// <summary>Forwards IPv4 and IPv6 between its links.</summary>
    public void Forward() => Enter(() =>
    {
        Set("net/ipv4/ip_forward", "1");
        Set("net/ipv6/conf/all/forwarding", "1");
        Set("net/ipv4/conf/all/send_redirects", "0");
        Set("net/ipv4/conf/default/send_redirects", "0");
        return true;
    });

    /// <summary>Does something on a thread that is in this namespace. A socket made there stays in it for good.</summary>
    public T Enter<T>(Func<T> work)
    {
        var result = default(T);
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle($"/run/netns/{Name}");
                if (SetNamespace(handle, CloneNewNet) != 0)
                {
                    throw new LabException($"setns {Name}: {Marshal.GetLastPInvokeErrorMessage()}");
                }

                result = work();
            }
            catch (Exception e)
            {
                // Thrown again on the caller's thread, below.
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!; // work() ran, or the line above threw.
    }

    /// <summary>Makes a socket in this namespace.</summary>
    public Socket OpenSocket(AddressFamily family, SocketType type, ProtocolType protocol) => Enter(() => new Socket(family, type, protocol));

    private static void Set(string key, string value) => File.WriteAllText($"/proc/sys/{key}", value);

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNamespace(SafeFileHandle namespaceFile, int type);
}
