namespace Osc.Xen.Vifs;

/// <summary>How far the two ends of an interface have come with each other: enum xenbus_state of Xen's io/xenbus.h.</summary>
public enum VifState
{
    Unknown = 0,
    Initialising = 1,
    InitWait = 2,
    Initialised = 3,
    Connected = 4,
    Closing = 5,
    Closed = 6,
    Reconfiguring = 7,
    Reconfigured = 8,
}
