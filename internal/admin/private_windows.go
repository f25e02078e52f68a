package admin

import "net"

// listenPrivate binds a socket; the folder around it says who may connect.
func listenPrivate(path string) (net.Listener, error) { return net.Listen("unix", path) }
